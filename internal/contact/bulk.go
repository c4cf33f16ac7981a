package contact

// BulkKind is the kind of the changesets of bulk edits.
const BulkKind = "contact.bulk"
