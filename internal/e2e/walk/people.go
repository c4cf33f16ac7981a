//go:build unix

// Package walk goes through the whole chain as programs do, by the JSON API: from a contact
// without an address to a number that moved. Other tests use it to have a house in which
// something has happened.
package walk

import "strings"

// The demo's people who walk the chain.
const (
	Carla   = "carla@volunteers.example.org"    // volunteer, speaks Spanish
	Richard = "richard@volunteers.example.org"  // volunteer
	Teresa  = "teresa@translators.example.org"  // translator
	Rodrigo = "rodrigo@translators.example.org" // translator
	Maren   = "maren@lead.example.org"          // lead expert
	Olu     = "olu@secretariat.example.org"     // officer, author of the campaign
	Helene  = "helene@secretariat.example.org"  // officer
	Ines    = "ines@nri.example.org"            // coordinator
)

// An edit of the English message.
const (
	Before = "Two to three pages are enough"
	After  = "Two or three pages are enough"
)

// Spanish translates a passage of the demo's English message that its Spanish draft lacks; another
// passage it takes over as it is, which keeps its merge fields.
func Spanish(english string) string {
	for begin, text := range map[string]string{
		"You answer on a personal page": "Se responde en una página personal que no requiere una cuenta. Puede guardar sus respuestas y volver a ellas, " +
			"responder solo a lo que le concierne o pasar la página a una o un colega que sepa más.",
		"The deadline is a soft one": "El plazo es flexible: también se leen las contribuciones posteriores, en particular las de las " +
			"iniciativas nacionales y regionales y las de los organismos que se reúnen antes de la reunión anual de diciembre en Ginebra. " +
			"La secretaría publica las contribuciones a medida que las recibe.",
		"The call, its background": "El llamado, sus antecedentes y todas las contribuciones son públicos: [lea el llamado]({{call_link}}).",
	} {
		if strings.HasPrefix(strings.TrimSpace(english), begin) {
			return text
		}
	}
	return english
}
