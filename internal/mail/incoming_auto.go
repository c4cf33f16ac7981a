package mail

import "strings"

// Auto says whether a machine wrote a message.
type Auto string

// How sure that is.
const (
	ByPerson   Auto = ""
	PerhapsNot Auto = "perhaps" // a sign that people's mail has at times too
	ByMachine  Auto = "machine"
)

// autoOf looks for the signs of RFC 3834, and for those that were there before it.
func autoOf(m *Incoming) Auto {
	if said := strings.ToLower(firstWord(m.Header("Auto-Submitted"))); said != "" && said != "no" {
		return ByMachine
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Mail-Autoreply", "X-FC-MachineGenerated"} {
		if v := strings.ToLower(m.Header(name)); v != "" && v != "no" && v != "false" {
			return ByMachine
		}
	}
	switch strings.ToLower(firstWord(m.Header("Precedence"))) {
	case "auto_reply", "auto-reply", "junk":
		return ByMachine
	case "bulk":
		return PerhapsNot
	}
	suppress := strings.ToLower(m.Header("X-Auto-Response-Suppress"))
	if suppress != "" && suppress != "none" || absent(m.Subject) {
		return PerhapsNot
	}
	return ByPerson
}

func firstWord(s string) string {
	if at := strings.IndexAny(s, "; \t("); at >= 0 {
		return s[:at]
	}
	return s
}

// absences begin the subjects of replies by machines, in the languages of those who are written to.
func absences() []string {
	return []string{
		"automatic reply", "auto reply", "autoreply", "auto-reply", "auto response", "automatic response", "out of office", "out of the office", "on vacation", "vacation reply",
		"réponse automatique", "reponse automatique", "absence du bureau", "absent du bureau", "message d'absence", "message d’absence",
		"respuesta automática", "respuesta automatica", "fuera de la oficina", "fuera de oficina", "ausente",
		"resposta automática", "resposta automatica", "fora do escritório", "ausência temporária", "ausencia temporal",
		"автоматический ответ", "автоответ", "отсутствую", "нет на месте",
		"رد تلقائي", "الرد التلقائي", "رد آلي", "خارج المكتب",
		"自动回复", "自動回覆", "自动答复", "外出",
		"abwesenheitsnotiz", "automatische antwort",
	}
}

func absent(subject string) bool {
	s := strings.ToLower(strings.TrimSpace(subject))
	for _, begin := range absences() {
		if strings.HasPrefix(s, begin) {
			return true
		}
	}
	return false
}
