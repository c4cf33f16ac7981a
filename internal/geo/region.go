package geo

// Region is a regional group of the United Nations, or NoRegion. What a person reads is the
// message "region.<code>", or "region.<code>.short" where space is scarce.
type Region string

// The five regional groups, and the bucket beside them for intergovernmental bodies and for
// places that belong to no group.
const (
	AfricanGroup         Region = "african_group"
	AsiaPacificGroup     Region = "asia_pacific_group"
	EasternEuropeanGroup Region = "eastern_european_group"
	GRULAC               Region = "grulac"
	WEOG                 Region = "weog"
	NoRegion             Region = "none"
)

// Regions are all regions in display order: the five groups, then none.
func Regions() []Region {
	return []Region{AfricanGroup, AsiaPacificGroup, EasternEuropeanGroup, GRULAC, WEOG, NoRegion}
}

// Valid says whether it is one of Regions.
func (g Region) Valid() bool {
	switch g {
	case AfricanGroup, AsiaPacificGroup, EasternEuropeanGroup, GRULAC, WEOG, NoRegion:
		return true
	}
	return false
}

// ParseRegion reads a region from its code, its names in our languages, or an alias. It refuses
// what lies across groups: "Europe" (two groups), "Asia" and "Middle East" (some members are in
// the two European ones), "Oceania" and "Pacific" (Australia and New Zealand), "North America"
// (Mexico). An empty text is not a region.
//
// The cases are written as fold leaves them. The names in the seven languages are the glossary's.
func ParseRegion(text string) (Region, bool) {
	switch keyOf(text) {
	case "african group", "group of african states", "african states", "africa", "african",
		"groupe des etats dafrique", "groupe africain", "afrique", "grupo de los estados de africa",
		"grupo africano", "مجموعه الدول الافريقيه", "افريقيا", "非洲国家组", "非洲", "группа африканских государств",
		"африканская группа", "африка":
		return AfricanGroup, true
	case "asia pacific group", "group of asia pacific states", "asia pacific states", "asia pacific",
		"asia and the pacific", "asia and pacific", "apac", "asian group",
		"groupe des etats dasie et du pacifique", "asie pacifique", "asie et pacifique",
		"grupo de los estados de asia y el pacifico", "asia y el pacifico", "asia pacifico",
		"مجموعه دول اسيا والمحيط الهادي", "اسيا والمحيط الهادي", "亚洲 太平洋国家组", "亚太国家组", "亚太",
		"группа государств азии и тихого океана", "азия и тихии океан", "grupo asia pacifico":
		return AsiaPacificGroup, true
	case "eastern european group", "group of eastern european states", "eastern european states",
		"eastern europe", "east european", "eastern european", "eeg", "groupe des etats deurope orientale",
		"europe orientale", "europe de lest", "grupo de los estados de europa oriental", "europa oriental",
		"europa del este", "مجموعه دول اوروبا الشرقيه", "اوروبا الشرقيه", "东欧国家组", "东欧",
		"группа государств восточнои европы", "группа восточноевропеиских государств", "восточная европа",
		"grupo da europa oriental", "grupo do leste europeu", "leste europeu":
		return EasternEuropeanGroup, true
	case "grulac", "latin american and caribbean group grulac", "latin american and caribbean group",
		"group of latin american and caribbean states", "latin american and caribbean states",
		"latin america and the caribbean", "latin america and caribbean", "latin america caribbean",
		"latin america", "lac",
		"groupe des etats damerique latine et des caraibes grulac",
		"groupe des etats damerique latine et des caraibes", "amerique latine et caraibes", "amerique latine",
		"grupo de los estados de america latina y el caribe grulac",
		"grupo de los estados de america latina y el caribe", "america latina y el caribe", "america latina",
		"latinoamerica", "مجموعه دول امريكا اللاتينيه ومنطقه البحر الكاريبي grulac",
		"مجموعه دول امريكا اللاتينيه ومنطقه البحر الكاريبي", "امريكا اللاتينيه", "拉丁美洲和加勒比国家组 grulac",
		"拉丁美洲和加勒比国家组", "拉丁美洲", "группа государств латинскои америки и карибского бассеина грулак",
		"группа государств латинскои америки и карибского бассеина", "грулак", "латинская америка",
		"grupo de paises da america latina e caribe grulac", "grupo de paises da america latina e caribe",
		"america latina e caribe":
		return GRULAC, true
	case "weog", "western european and others group weog", "western european and others group",
		"western european and other states group", "western european and other states",
		"group of western european and other states", "western europe and others",
		"western europe and other states", "groupe des etats deurope occidentale et autres etats weog",
		"groupe des etats deurope occidentale et autres etats", "europe occidentale et autres",
		"grupo de los estados de europa occidental y otros estados weog",
		"grupo de los estados de europa occidental y otros estados", "europa occidental y otros",
		"مجموعه دول اوروبا الغربيه ودول اخري weog", "مجموعه دول اوروبا الغربيه ودول اخري", "西欧和其他国家组 weog",
		"西欧和其他国家组", "西欧及其他国家组", "группа западноевропеиских и других государств weog",
		"группа западноевропеиских и других государств", "grupo da europa ocidental e outros weog",
		"grupo da europa ocidental e outros":
		return WEOG, true
	case "none", "no region", "no region intergovernmental bodies", "intergovernmental",
		"intergovernmental organization", "intergovernmental organisation", "intergovernmental organizations",
		"intergovernmental organisations", "intergovernmental bodies", "igo", "igos", "sans region",
		"sin region", "بلا منطقه", "无区域", "вне регионов", "sem regiao":
		return NoRegion, true
	}
	return "", false
}
