package mail

// Recorder is told how far each message got, so that a killed process leaves an answer to the
// only question that matters: may this message have been accepted?
type Recorder interface {
	// Begun is called before the final dot of a message is written. After an error the
	// message must not be sent.
	Begun(Ref) error
	// Accepted is called after the server's 250.
	Accepted(Ref)
	// Refused is called when a begun message was certainly not accepted.
	Refused(Ref)
	// Uncertain is called when nothing more will be known of a begun message.
	Uncertain(Ref)
}

// NoJournal records nothing: for mail whose loss or repetition after a kill does not matter.
type NoJournal struct{}

// Begun does nothing.
func (NoJournal) Begun(Ref) error { return nil }

// Accepted does nothing.
func (NoJournal) Accepted(Ref) {}

// Refused does nothing.
func (NoJournal) Refused(Ref) {}

// Uncertain does nothing.
func (NoJournal) Uncertain(Ref) {}
