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
	choose  func(path string, base, theirs, mine any) (any, bool)
	clashes []clash
}

// clash is a place of a tree that both changed.
type clash struct {
	path               string
	base, theirs, mine any
}

func (m *merging) merge(path string, base, theirs, mine any) any {
	switch {
	case reflect.DeepEqual(theirs, mine), reflect.DeepEqual(base, mine):
		return theirs
	case reflect.DeepEqual(base, theirs):
		return mine
	}
	if t, mi, ok := both[map[string]any](theirs, mine); ok {
		b, _ := base.(map[string]any)
		return m.objects(path, b, t, mi)
	}
	if t, mi, ok := both[[]any](theirs, mine); ok {
		b, _ := base.([]any)
		return m.lists(path, b, t, mi)
	}
	return m.clash(path, base, theirs, mine)
}

func both[T any](a, b any) (x, y T, ok bool) {
	x, okX := a.(T)
	y, okY := b.(T)
	return x, y, okX && okY
}

func (m *merging) clash(path string, base, theirs, mine any) any {
	if chosen, ok := m.choose(path, base, theirs, mine); ok {
		return chosen
	}
	m.clashes = append(m.clashes, clash{path, base, theirs, mine})
	return theirs
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
	out := []any{}
	for _, id := range m.order(path, b.ids, t.ids, mi.ids) {
		v := m.merge(b.pathTo(path, id), b.of(id), t.of(id), mi.of(id))
		if !gone(v) {
			out = append(out, v)
		}
	}
	return out
}

// order puts the parts of a list one after the other. Who moved parts decides; where both did, differently, it is a clash.
func (m *merging) order(path string, base, theirs, mine []string) []string {
	first, second := theirs, mine
	switch {
	case sameOrder(base, mine), sameOrder(theirs, mine):
	case sameOrder(base, theirs):
		first, second = mine, theirs
	default:
		if m.clash(pathTo(path, "order"), orderText(base), orderText(theirs), orderText(mine)) == orderText(mine) {
			first, second = mine, theirs
		}
	}
	return woven(woven(first, second, true), base, true)
}

func orderText(ids []string) any { return strings.Join(ids, ", ") }

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

// pathTo is the path of a part. An id is the only one among questions and their items, and needs no more.
func (l list) pathTo(path, id string) string {
	if l.named && (path == "segments" || path == "questions" || strings.HasSuffix(path, ".items")) {
		return id
	}
	return pathTo(path, id)
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
		for i, at := range align(was, namesIn(parts)) {
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
