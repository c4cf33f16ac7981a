// Package migrations holds the schema as SQL: one folder for each dialect, the same numbers and
// the same tables, columns and indexes in both. A test proves that they end alike.
package migrations

import "embed"

// FS holds postgres/*.sql and sqlite/*.sql in the format of goose.
//
//go:embed postgres/*.sql sqlite/*.sql
var FS embed.FS
