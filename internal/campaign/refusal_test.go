package campaign

import (
	"testing"

	"github.com/convoke/convoke/internal/mail"
)

func TestWhatARefusalSpeaksOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		stage    mail.Stage
		code     int
		enhanced string
		reply    string
		want     Reason
	}{
		{mail.StageTo, 550, "5.1.1", "no such user", NoMailbox},
		{mail.StageTo, 550, "5.1.6", "moved, and nobody knows where", NoMailbox},
		{mail.StageTo, 553, "5.1.3", "bad address", NoMailbox},
		{mail.StageTo, 550, "5.2.1", "account disabled", NoMailbox},
		{mail.StageText, 550, "5.1.1", "said after the text", NoMailbox},
		{mail.StageTo, 550, "", "no such user", NoMailbox},
		{mail.StageTo, 551, "", "user not local", NoMailbox},
		{mail.StageTo, 553, "", "not allowed", NoMailbox},
		{mail.StageTo, 552, "5.2.2", "over quota", MailboxFull},
		{mail.StageText, 552, "", "exceeded storage allocation", MailboxFull},
		{mail.StageTo, 552, "5.2.0", "full", MailboxFull},
		{mail.StageText, 554, "5.7.1", "blocked by policy", RefusedMessage},
		{mail.StageTo, 550, "5.7.1", "you are on a list", RefusedMessage},
		{mail.StageText, 554, "5.6.0", "cannot be read", RefusedMessage},
		{mail.StageTo, 553, "5.6.7", "no such letters", Unencodable},
		{mail.StageText, 554, "", "this is spam", RefusedMessage},
		{mail.StageText, 550, "", "this is spam", RefusedMessage},
		{mail.StageTo, 554, "", "not wanted", RefusedMessage},
		{mail.StageTo, 552, "5.3.4", "too big", TooLarge},
		{mail.StageFrom, 552, "5.3.4", "too big", TooLarge},
		{mail.StageTo, 550, "5.2.3", "too long for this mailbox", RefusedMessage},
		{mail.StageTo, 550, "5.1.2", "no such domain", NoDomain},
		{mail.StageTo, 556, "5.1.10", "takes no mail", NoDomain},
		{mail.StageTo, 550, "5.4.4", "no route", NoDomain},
		{mail.StageTo, 556, "", "takes no mail", NoDomain},
		{mail.StageFrom, 550, "5.7.1", "sender not allowed", OwnTrouble},
		{mail.StageFrom, 530, "5.7.0", "sign in", OwnTrouble},
		{mail.StageTo, 530, "5.7.1", "sign in", OwnTrouble},
		{mail.StageTo, 554, "5.7.1", "<a@example.org>: Relay access denied", OwnTrouble},
		{mail.StageTo, 550, "5.7.54", "SMTP; Unable to relay recipient in non-accepted domain", OwnTrouble},
		{mail.StageTo, 553, "5.1.8", "sender's domain does not exist", OwnTrouble},
		{mail.StageTo, 550, "5.1.4", "ambiguous", Refused},
		{mail.StageTo, 550, "5.5.0", "no", Refused},
		{mail.StageTo, 500, "", "what?", Refused},
	}
	for _, tt := range tests {
		got := kindOfRefusal(mail.Result{Outcome: mail.Failed, Stage: tt.stage, Code: tt.code, Enhanced: tt.enhanced, Reply: tt.reply})
		if got != tt.want {
			t.Errorf("%d %s %q at %s: %s, want %s", tt.code, tt.enhanced, tt.reply, tt.stage, got, tt.want)
		}
		if marks := got.marksAddress(); marks != (got == NoMailbox || got == NoDomain) {
			t.Errorf("%s marks the address: %t", got, marks)
		}
	}
}
