package document

import "testing"

func TestNobodyFromThePublicPassesForAMember(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Maren Holt (member)", "Maren Holt [Member]", "Maren Holt（成员）", "Maren Holt (a  member of the group)", "Maren (Membre)", "Maren (miembro)", "Maren (membro)",
		"Марен (участник)", "مارين (عضو)", "Maren (from the public)", "Maren (du public)", "Maren (del público)", "Maren 【公众】", "Maren (\u200bmem\u200bber)", "Maren (member",
	} {
		if _, wrong := (&Service{}).publicThread(PublicAuthor{Name: name}); len(wrong) != 1 || wrong[0].Key != "comment.public.name.mark" {
			t.Errorf("%q: %v", name, wrong)
		}
	}
	for _, name := range []string{"Maren Holt", "Huda (ISOC)", "Ana Membrado", "Membre 3", "王成员", "Dr. Member (PhD)", "Иван Участников"} {
		if _, wrong := (&Service{}).publicThread(PublicAuthor{Name: name}); len(wrong) > 0 {
			t.Errorf("%q: %v", name, wrong)
		}
	}
}
