package document

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// absent stands in a tree where there is nothing. JSON's null is something.
type absent struct{}

func gone(v any) bool {
	_, is := v.(absent)
	return is
}

// treeOf is a value as JSON knows it: maps, lists and leaves.
func treeOf(v any) (any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var tree any
	return tree, json.Unmarshal(b, &tree)
}

// merging makes one tree of two that began as the same. What both changed differently is a clash,
// and goes as choose says; without a choice theirs stays for the time being.
type merging struct {
	choose  func(clash) (any, bool)
	clashes []clash
}

// clash is a place of a tree that both changed.
type clash struct {
	path               string
	base, theirs, mine any
	whole              bool // no third wording can take the place of both
}

func (m *merging) merge(path string, base, theirs, mine any) any {
	switch {
	case reflect.DeepEqual(theirs, mine), reflect.DeepEqual(base, mine):
		return theirs
	case reflect.DeepEqual(base, theirs):
		return mine
	}
	if t, mi, ok := both[map[string]any](theirs, mine); ok {
		if !joinable(t, mi) {
			return m.clash(clash{path, base, theirs, mine, true})
		}
		b, _ := base.(map[string]any)
		return m.objects(path, b, t, mi)
	}
	if t, mi, ok := both[[]any](theirs, mine); ok {
		b, _ := base.([]any)
		return m.lists(path, b, t, mi)
	}
	return m.clash(clash{path: path, base: base, theirs: theirs, mine: mine})
}

// joinable says whether two objects can be made one field by field: a list does not go with a text, nor items with a
// kind of question that has none, nor words with a closing question that is switched off.
func joinable(a, b map[string]any) bool {
	_, listA := a["items"]
	_, listB := b["items"]
	return listA == listB && (a[otherKey] == false) == (b[otherKey] == false)
}

func both[T any](a, b any) (x, y T, ok bool) {
	x, okX := a.(T)
	y, okY := b.(T)
	return x, y, okX && okY
}

func (m *merging) clash(found clash) any {
	if chosen, ok := m.choose(found); ok {
		return chosen
	}
	m.clashes = append(m.clashes, found)
	return found.theirs
}

func (m *merging) objects(path string, base, theirs, mine map[string]any) any {
	out := map[string]any{}
	for _, name := range fieldNames(base, theirs, mine) {
		v := m.merge(pathTo(path, name), field(base, name), field(theirs, name), field(mine, name))
		if !gone(v) {
			out[name] = v
		}
	}
	return out
}

func (m *merging) lists(path string, base, theirs, mine []any) any {
	b, t, mi := labelled(base, theirs, mine)
	out, open := []any{}, len(m.clashes)
	for _, id := range m.order(path, b, t, mi) {
		v := m.merge(b.pathTo(path, id), b.of(id), t.of(id), mi.of(id))
		if !gone(v) {
			out = append(out, v)
		}
	}
	if len(out) == 0 && open == len(m.clashes) && needed(path) && len(theirs) > 0 && len(mine) > 0 {
		return m.clash(clash{path, base, theirs, mine, true}) // each took out what the other had left
	}
	return out
}

// needed says whether a list may not be empty.
func needed(path string) bool {
	return path == "questions" || strings.HasSuffix(path, "."+formPart+".items")
}

// order puts the parts of a list one after the other: of any two, as the one of both has them who changed that. Where
// that goes round in a circle, it is a clash. What was added stands behind what precedes it.
func (m *merging) order(path string, base, theirs, mine list) []string {
	order, ok := woveOrder(base.ids, theirs.ids, mine.ids)
	if !ok {
		found := clash{pathTo(path, "order"), base.text(), theirs.text(), mine.text(), true}
		first := theirs.ids
		if found.theirs == found.mine { // what is shown of them is the same
			found.mine = leafText(found.mine) + "\n"
		}
		if m.clash(found) == found.mine {
			first = mine.ids
		}
		order = woven(common(first, base.ids), base.ids, true)
	}
	return woven(woven(order, theirs.ids, true), mine.ids, true)
}

// text is the order as a person reads it.
func (l list) text() any {
	lines := make([]string, len(l.ids))
	for i, id := range l.ids {
		lines[i], _, _ = strings.Cut(partText(l.parts[id]), "\n")
	}
	return strings.Join(lines, "\n")
}

func pathTo(path, part string) string {
	if path == "" {
		return part
	}
	return path + "." + part
}

// list is a list whose parts have names.
type list struct {
	ids   []string
	parts map[string]any
	named bool // by the ids that they have
}

// pathTo is the path of a part. An id is the only one of all, and needs no more.
func (l list) pathTo(path, id string) string {
	switch {
	case !l.named:
		return pathTo(path, id)
	case path == "sections":
		return "section." + id
	}
	return id
}

func (l list) of(id string) any {
	if v, ok := l.parts[id]; ok {
		return v
	}
	return absent{}
}

func (l *list) add(id string, part any) {
	if l.parts == nil {
		l.parts = map[string]any{}
	}
	l.ids = append(l.ids, id)
	l.parts[id] = part
}

// labelled names the parts of three lists, so that the same part has the same name: by their ids,
// else by the place of what they continue in the first list.
func labelled(base, theirs, mine []any) (b, t, m list) {
	if b, ok := byID(base); ok {
		t, okT := byID(theirs)
		m, okM := byID(mine)
		if okT && okM {
			return b, t, m
		}
	}
	was := namesIn(base)
	for i, v := range base {
		b.add(strconv.Itoa(i+1), v)
	}
	fresh := map[string]string{}
	name := func(l *list, parts []any, mark string) {
		for i, at := range alignMoved(was, namesIn(parts)) {
			id, whole := mark+strconv.Itoa(i+1), jsonOf(parts[i])
			if at >= 0 {
				id = strconv.Itoa(at + 1)
			} else if same, ok := fresh[whole]; ok && gone(l.of(same)) {
				id = same // both added the same
			} else {
				fresh[whole] = id
			}
			l.add(id, parts[i])
		}
	}
	name(&t, theirs, "theirs")
	name(&m, mine, "mine")
	return b, t, m
}

func byID(parts []any) (l list, ok bool) {
	for _, v := range parts {
		o, _ := v.(map[string]any)
		id, _ := o["id"].(string)
		if id == "" || !gone(l.of(id)) {
			return list{}, false
		}
		l.add(id, v)
	}
	l.named = true
	return l, true
}

// namesIn is what the parts of a list are known by: a title, or all that is read of them.
func namesIn(parts []any) []string {
	names := make([]string, len(parts))
	for i, v := range parts {
		o, _ := v.(map[string]any)
		if names[i] = leafText(o["title"]); names[i] == "" {
			names[i] = partText(v)
		}
	}
	return names
}

func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func field(o map[string]any, name string) any {
	if v, ok := o[name]; ok {
		return v
	}
	return absent{}
}

// fieldNames lists what any of the objects has, in one order always.
func fieldNames(objects ...map[string]any) []string {
	all := map[string]bool{}
	for _, o := range objects {
		for name := range o {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// flatten notes the leaves of a tree by their paths, and the parts that they belong to.
func flatten(path string, v any, leaves map[string]string, parts map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		parts[path] = true
		for name, inner := range v {
			flatten(pathTo(path, name), inner, leaves, parts)
		}
	case []any:
		l, ok := byID(v)
		if !ok {
			l = list{}
			for i, inner := range v {
				l.add(strconv.Itoa(i+1), inner)
			}
		}
		for _, id := range l.ids {
			flatten(l.pathTo(path, id), l.of(id), leaves, parts)
		}
	default:
		leaves[path] = leafText(v)
	}
}

func leafText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case nil, absent:
		return ""
	}
	return fmt.Sprint(v)
}
