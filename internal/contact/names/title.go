package names

import "slices"

// withoutTitles drops what stands before and after the names of persons, where a name is left.
func withoutTitles(words []string) []string {
	left := drop(words, func(w string) bool { return title(w) }, 1)
	return drop(left, doubtfulTitle, 2)
}

// drop leaves out the words that may go, if so many are left.
func drop(words []string, may func(string) bool, atLeast int) []string {
	left := slices.DeleteFunc(slices.Clone(words), may)
	if len(left) < atLeast {
		return words
	}
	return left
}

func title(w string) bool {
	return slices.Contains([]string{
		"dr", "dra", "drs", "doctor", "prof", "profa", "professor", "professeur", "mr", "mrs", "ms", "mme", "mlle", "madame", "monsieur",
		"sra", "srta", "senor", "senora", "herr", "frau", "phd", "dphil", "msc", "bsc", "mba", "esq", "honourable", "honorable", "excellency",
		"ambassador", "amb", "rev", "sir", "dipl", "g n", "г", "гжа", "проф",
		"الدكتور", "الدكتوره", "دكتور", "دكتوره", "الاستاذ", "الأستاذ", "سعاده", "المهندس",
		"gospodin", "gospozha", "doktor", "kyrios",
	}, w)
}

// doubtfulTitle may be a name as well.
func doubtfulTitle(w string) bool {
	return slices.Contains([]string{
		"sr", "jr", "ii", "iii", "md", "ing", "eng", "hon", "don", "dona", "lord", "lady", "miss", "m", "he", "d", "د", "م", "أ", "ا", "ba", "ma", "ca", "cpa",
	}, w)
}

// withoutForms drops legal forms and small words of organizations and brings together how long words are cut.
func withoutForms(words []string) []string {
	left := slices.Clone(words)
	for i, w := range left {
		left[i] = longForm(w)
	}
	return drop(left, func(w string) bool { return legalForm(w) || smallWord(w) }, 1)
}

func legalForm(w string) bool {
	return slices.Contains([]string{
		"ltd", "limited", "ltda", "limitada", "inc", "incorporated", "corp", "corporation", "co", "company", "llc", "llp", "plc", "lp", "pty", "pvt", "private",
		"gmbh", "ggmbh", "mbh", "ag", "kg", "ev", "ug", "sarl", "sas", "sa", "sasu", "eurl", "srl", "sl", "slu", "spa", "bv", "nv", "oy", "oyj", "ab", "as", "aps",
		"asbl", "vzw", "aisbl", "ivzw", "ac", "sc", "cv", "eirl", "eireli", "ong", "ngo", "npo", "sae", "kk", "kft", "zrt", "doo", "dd", "sro", "spolka", "zoo",
		"ooo", "oao", "zao", "pao", "ano", "ao", "nko", "rf", "shmm", "شمم", "شمل", "ذمم",
	}, w)
}

func smallWord(w string) bool {
	return slices.Contains([]string{
		"the", "of", "for", "and", "in", "at", "to", "a", "an", "de", "la", "el", "los", "las", "du", "des", "del", "da", "do", "dos", "das", "di", "della", "der", "die",
		"fur", "fuer", "und", "y", "e", "et", "le", "les", "l", "d", "en", "pour", "para", "por", "i", "и", "و", "في",
	}, w)
}

// longForm is the stem that stands for the ways in which a word is cut or inflected between neighbouring languages.
func longForm(w string) string {
	switch w {
	case "university", "universidad", "universidade", "universite", "universitat", "universitaet", "universita", "universiteit", "uni", "universitet":
		return "univ"
	case "institute", "institut", "instituto", "istituto", "institution":
		return "inst"
	case "ministry", "ministere", "ministerio", "ministerium", "min", "ministerstvo":
		return "minist"
	case "association", "asociacion", "associacao", "assn", "assoc", "associazione", "ass":
		return "assoc"
	case "foundation", "fondation", "fundacion", "fundacao", "fdn", "fondazione", "fond":
		return "found"
	case "centre", "centro", "center", "ctr", "zentrum", "tsentr":
		return "center"
	case "international", "internacional", "internationale", "internazionale", "int", "intl", "mezhdunarodnyi":
		return "intl"
	case "national", "nacional", "nationale", "nazionale", "natl", "nat", "natsionalnyi":
		return "natl"
	case "department", "departamento", "departement", "dept", "dpto":
		return "dept"
	case "government", "gouvernement", "gobierno", "governo", "govt", "gov":
		return "govt"
	case "technology", "technologies", "technical", "tech", "tecnologia", "technologie":
		return "tech"
	case "committee", "comite", "cttee":
		return "comm"
	case "society", "societe", "sociedad", "sociedade", "soc":
		return "soc"
	case "academy", "academie", "academia", "acad", "akademiia", "akademie":
		return "acad"
	case "development", "developpement", "desarrollo", "desenvolvimento", "dev":
		return "dev"
	case "communication", "communications", "comunicacion", "comunicaciones", "comms":
		return "comms"
	case "research", "res":
		return "res"
	case "organization", "organisation", "organizacion", "organizacao", "org":
		return "org"
	}
	return w
}
