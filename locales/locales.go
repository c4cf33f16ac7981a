// Package locales carries every text that Convoke shows or sends to a person, one file a language.
// README.md beside this file says how the files are written and how a language is added.
package locales

import "embed"

// FS holds the message files, read by i18n.New: one file a language.
//
//go:embed active.*.toml
var FS embed.FS
