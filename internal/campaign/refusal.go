package campaign

import (
	"strings"

	"github.com/convoke/convoke/internal/mail"
)

// refusals says by the codes of RFC 3463 what a refusal for good speaks of. A longer beginning stands before a shorter.
var refusals = []struct {
	enhanced string // the status, or with a dot at its end all that begin so
	reason   Reason
}{
	{"5.1.2", NoDomain},
	{"5.1.4", Refused}, // ambiguous
	{"5.1.5", Refused}, // the address is valid
	{"5.1.7", OwnTrouble},
	{"5.1.8", OwnTrouble}, // the sender's address
	{"5.1.10", NoDomain},  // RFC 7505
	{"5.1.", NoMailbox},
	{"5.2.1", NoMailbox}, // disabled
	{"5.2.2", MailboxFull},
	{"5.2.3", RefusedMessage}, // longer than the mailbox takes
	{mail.TooLarge, TooLarge},
	{"5.4.4", NoDomain},
	{"5.4.310", NoDomain}, // of one large provider
	{mail.NotInternational, Unencodable},
	{"5.6.", RefusedMessage},
	{"5.7.", RefusedMessage},
}

// plainRefusals says the same of replies without such a status, by the codes of RFC 5321 and RFC 7504 and by where
// they were given. What a server says after the text speaks of the text.
var plainRefusals = map[mail.Stage]map[int]Reason{
	mail.StageTo: {
		521: NoDomain, 550: NoMailbox, 551: NoMailbox, 552: MailboxFull, 553: NoMailbox, 554: RefusedMessage, 556: NoDomain,
	},
	mail.StageData: {552: MailboxFull, 554: RefusedMessage},
	mail.StageText: {550: RefusedMessage, 552: MailboxFull, 554: RefusedMessage},
}

// kindOfRefusal says what a refusal for good speaks of: the mailbox or its domain (NoMailbox, NoDomain: the address works no
// more), a full mailbox, the message, or us (OwnTrouble: it is tried again). Refused is for what says nothing of it.
func kindOfRefusal(r mail.Result) Reason {
	switch {
	case r.Stage == mail.StageFrom && r.Code == 552:
		return TooLarge // RFC 1870
	case r.Stage == mail.StageFrom, r.Code == 530, r.Code == 534, r.Code == 535, r.Code == 538, mail.RelayDenied(r.Reply):
		return OwnTrouble
	case r.Enhanced != "":
		for _, known := range refusals {
			if r.Enhanced == known.enhanced || strings.HasSuffix(known.enhanced, ".") && strings.HasPrefix(r.Enhanced, known.enhanced) {
				return known.reason
			}
		}
		if r.Code == 552 {
			return MailboxFull
		}
		return Refused
	}
	if reason, ok := plainRefusals[r.Stage][r.Code]; ok {
		return reason
	}
	return Refused
}

// marksAddress says whether the address works no more.
func (r Reason) marksAddress() bool { return r == NoMailbox || r == NoDomain }
