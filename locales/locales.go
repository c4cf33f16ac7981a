// Package locales carries every text that Convoke shows or sends to a person, one file a language.
// README.md beside this file says how the files are written and how a language is added.
package locales

import "embed"

// FS holds the message files, read by i18n.New: every file named *.<tag>.toml, in any folder.
//
//go:embed active.*.toml parts/*.toml
var FS embed.FS
