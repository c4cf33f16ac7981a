package contact

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"slices"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// order is how a reader gets names sorted.
type order struct {
	scripts []script // the reader's own, Latin, the others
	column  string   // the key within a script
}

func orderFor(locale string) order {
	return order{scripts: scriptsFor(locale), column: sortColumn(locale)}
}

// place is where a contact stands in any order.
type place struct {
	ID      int64
	Script  script
	SortKey []byte
}

// cursor is the place after which a page begins, or before which it ends, and the order that the page
// is in: a reader who changes the language goes on in the order in which they began.
type cursor struct {
	order order
	start bool // before the first: place says nothing
	back  bool
	place place
}

// The cursor in bytes: which script is the reader's own, whether by the Spanish key, which way, script and id of the
// place, its key.
const cursorHead = 12

func (c cursor) String() string {
	raw := make([]byte, cursorHead, cursorHead+len(c.place.SortKey))
	raw[0], raw[3] = byte(c.order.scripts[0]), byte(c.place.Script)
	if c.order.column == sortKeySpanish {
		raw[1] = 1
	}
	if c.back {
		raw[2] = 1
	}
	binary.BigEndian.PutUint64(raw[4:], uint64(c.place.ID))
	return base64.RawURLEncoding.EncodeToString(append(raw, c.place.SortKey...))
}

// parseCursor gives nil for no cursor.
func parseCursor(text string) (*cursor, error) {
	if text == "" {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < cursorHead || raw[0] > byte(otherScript) || raw[3] > byte(otherScript) || raw[1] > 1 || raw[2] > 1 {
		return nil, errs.InvalidFields(errs.FieldError("cursor", "contact.cursor"))
	}
	c := &cursor{
		order: order{scripts: startingWith(script(raw[0])), column: sortKey}, back: raw[2] == 1,
		place: place{ID: int64(binary.BigEndian.Uint64(raw[4:])), Script: script(raw[3]), SortKey: bytes.Clone(raw[cursorHead:])},
	}
	if raw[1] == 1 {
		c.order.column = sortKeySpanish
	}
	return c, nil
}

// turn makes a page of what was found from a cursor on, which is one more than fits where more follow.
func turn(tx *db.Tx, f Filter, from cursor, found finding) (Page, error) {
	places, more := found.places, len(found.places) > f.Limit
	if more {
		places = places[:f.Limit]
	}
	if from.back {
		slices.Reverse(places)
	}
	page := Page{Total: found.total}
	if from.start && !more {
		page.Total = len(places)
	}
	if len(places) == 0 {
		return page, nil
	}
	if more && !from.back || from.back {
		page.Next = cursor{order: from.order, place: places[len(places)-1]}.String()
	}
	if more && from.back || !from.back && !from.start {
		page.Previous = cursor{order: from.order, back: true, place: places[0]}.String()
	}
	var err error
	page.Rows, err = rowsAt(tx, f.CycleID, places)
	return page, err
}
