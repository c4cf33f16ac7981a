package contact

import (
	"context"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/contact/names"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// The bounds of a scan: what it costs must not depend on how absurd the data are.
const (
	scanChunk    = 2000 // pairs compared at once
	smallGroup   = 30   // in a larger group each is compared with so many neighbours
	sharedBy     = 20   // a mailbox that more have says nothing
	severalNames = 3    // a word in so many names is known
	mostExact    = 1000 // merges by one scan
)

// Scanned says what a scan found.
type Scanned struct {
	Compared int // pairs
	Likely   int // open pairs
	Merged   int // exact equals
}

// ScanDuplicates looks at all contacts for pairs that may be one, and merges those that are exactly equal: of one kind, with the
// same name up to case, diacritics and spaces, a personal mailbox that both have and no other country or organization. It is
// for the worker, and reads what it needs in order, a part at a time. A pair that it does not find any more is forgotten,
// dismissals stay.
func (s *Service) ScanDuplicates(ctx context.Context) (Scanned, error) {
	start := s.Now()
	if err := s.writeKeys(ctx); err != nil {
		return Scanned{}, errs.Wrap("contact.scan", err)
	}
	if err := s.learnWords(ctx); err != nil {
		return Scanned{}, errs.Wrap("contact.scan", err)
	}
	c := &collector{service: s, ctx: ctx}
	for _, look := range []func(*db.Tx, *collector) error{lookAtNamesakes, lookAtBones, lookAtMailboxes, lookAtColleagues, lookAtOrganizations} {
		if err := look(s.DB.Read(ctx), c); err != nil {
			return c.Scanned, errs.Wrap("contact.scan", err)
		}
		if err := c.flush(); err != nil {
			return c.Scanned, errs.Wrap("contact.scan", err)
		}
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error { return forgetPairs(tx, start) })
	if err != nil {
		return c.Scanned, errs.Wrap("contact.scan", err)
	}
	c.Merged, err = s.mergeExact(ctx, c.exact)
	return c.Scanned, errs.Wrap("contact.scan", err)
}

// writeKeys is for contacts that came by another way than through this room, or with an older version.
func (s *Service) writeKeys(ctx context.Context) error {
	for {
		n := 0
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			some, err := unkeyed(tx, scanChunk)
			if err != nil {
				return err
			}
			var keyed []Contact
			for _, c := range some {
				c.NameKey, c.NameBones = nameKeys(c.Kind, c.Name, c.Transliteration)
				if c.NameBones == "" {
					c.NameBones = "-" // a name of signs only: it is looked at once
				}
				keyed = append(keyed, c)
			}
			n = len(keyed)
			return saveKeys(tx, keyed)
		})
		if err != nil || n < scanChunk {
			return err
		}
	}
}

func (s *Service) learnWords(ctx context.Context) error {
	counts := map[string]int{}
	err := stream(s.DB.Read(ctx), everybody, func(n named) error {
		if n.Kind == Person {
			for _, w := range names.Words(names.Person, n.Name) {
				counts[w]++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return saveKnownWords(tx, counts) })
}

// collector compares pairs a chunk at a time and stores those that may be one.
type collector struct {
	Scanned
	service *Service
	ctx     context.Context
	pairs   []idPair
	exact   []idPair
}

func (c *collector) add(a, b int64, sharing int) error {
	c.pairs = append(c.pairs, idPair{Low: min(a, b), High: max(a, b), Sharing: sharing})
	if len(c.pairs) < scanChunk {
		return nil
	}
	return c.flush()
}

func (c *collector) flush() error {
	pairs := uniquePairs(c.pairs)
	c.pairs = nil
	c.Compared += len(pairs)
	tx := c.service.DB.Read(c.ctx)
	found, err := c.service.score(tx, pairs)
	if err != nil || len(found) == 0 {
		return err
	}
	c.Likely += len(found)
	if len(c.exact) < mostExact {
		if err := c.findExact(tx, found); err != nil {
			return err
		}
	}
	return c.service.DB.Write(c.ctx, func(tx *db.Tx) error { return savePairs(tx, found, c.service.Now()) })
}

func (c *collector) findExact(tx *db.Tx, found []Pair) error {
	var alike []idPair
	for _, p := range found {
		if strings.Contains(p.Reasons, "same_address") && strings.Contains(p.Reasons, "name_identical") {
			alike = append(alike, idPair{Low: p.LowID, High: p.HighID})
		}
	}
	profiles, err := profilesOf(tx, alike)
	for _, p := range alike {
		if err == nil && profiles[p.Low] != nil && profiles[p.High] != nil && equal(profiles[p.Low], profiles[p.High]) {
			c.exact = append(c.exact, p)
		}
	}
	return err
}

// mergeExact makes the older of two the survivor. What cannot be united, because both have answered, say, is left to an officer.
func (s *Service) mergeExact(ctx context.Context, pairs []idPair) (int, error) {
	merged := 0
	for _, p := range uniquePairs(pairs) {
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			profiles, err := profilesOf(tx, []idPair{p})
			if err != nil {
				return err
			}
			dismissed, err := wasDecided(tx, p)
			if err != nil {
				return err
			}
			if a, b := profiles[p.Low], profiles[p.High]; dismissed || a == nil || b == nil || !equal(a, b) {
				return errs.E(errs.Conflict, "merge.busy")
			}
			_, err = s.merge(tx, audit.System("contact:duplicates"), Union{Survivor: p.Low, Other: p.High})
			return err
		})
		switch {
		case err == nil:
			merged++
		case errs.Is(err, errs.Conflict), errs.Is(err, errs.Invalid), errs.Is(err, errs.NotFound), errs.Is(err, errs.Gone), db.IsReferred(err), db.IsDuplicate(err):
		default:
			return merged, err
		}
	}
	return merged, nil
}

func lookAtNamesakes(tx *db.Tx, c *collector) error {
	return groups(tx, allNamesakes, func(group []named) error {
		return neighbours(group, smallGroup, func(a, b named) error { return c.add(a.ID, b.ID, len(group)) })
	})
}

// lookAtBones compares names without vowels with those that have them.
func lookAtBones(tx *db.Tx, c *collector) error {
	return groups(tx, boneMates, func(group []named) error {
		bare := func(n named) bool {
			key, bones := nameKeys(n.Kind, n.Name, "")
			return key == bones
		}
		split := slices.IndexFunc(group, func(n named) bool { return !bare(n) })
		if split <= 0 {
			return nil
		}
		for _, a := range group[:min(split, smallGroup)] {
			for _, b := range group[split:min(split+smallGroup, len(group))] {
				if err := c.add(a.ID, b.ID, 0); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func lookAtMailboxes(tx *db.Tx, c *collector) error {
	return groups(tx, housemates, func(group []named) error {
		if len(group) > sharedBy {
			return nil
		}
		return neighbours(group, sharedBy, func(a, b named) error { return c.add(a.ID, b.ID, 0) })
	})
}

// lookAtColleagues compares people of organizations of one name who share a word of theirs.
func lookAtColleagues(tx *db.Tx, c *collector) error {
	return groups(tx, colleagues, func(group []named) error {
		byWord := map[string][]named{}
		for _, n := range group {
			for _, w := range names.Words(names.Person, n.Name) {
				byWord[w] = append(byWord[w], n)
			}
		}
		for _, some := range byWord {
			err := neighbours(some, 5*smallGroup, func(a, b named) error {
				if a.ID == b.ID || names.Compare(names.Person, names.Written{Name: a.Name}, names.Written{Name: b.Name}).Likeness == names.Different {
					return nil
				}
				return c.add(a.ID, b.ID, 0)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// lookAtOrganizations compares organizations that have all words but one, or all letters.
func lookAtOrganizations(tx *db.Tx, c *collector) error {
	seed, buckets := maphash.MakeSeed(), map[uint64][]int64{}
	err := stream(tx, organizations, func(n named) error {
		for _, k := range nearlyAll(n.Name) {
			if h := maphash.String(seed, k); len(buckets[h]) < smallGroup {
				buckets[h] = append(buckets[h], n.ID)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, ids := range buckets {
		if err := c.addAll(ids); err != nil {
			return err
		}
	}
	return nil
}

// addAll compares each with each.
func (c *collector) addAll(ids []int64) error {
	for i, a := range ids {
		for _, b := range ids[:i] {
			if a == b {
				continue
			}
			if err := c.add(a, b, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// nearlyAll are what names of organizations share that are a typing error apart: all words but one, or all letters.
func nearlyAll(name string) []string {
	words := names.Words(names.Organization, name)
	slices.Sort(words)
	keys := []string{strings.Join(words, "")}
	for i := range words {
		if len(words) > 1 && len(words) <= 10 {
			keys = append(keys, strings.Join(slices.Concat(words[:i], words[i+1:]), " ")+" *")
		}
	}
	return keys
}

// groups hands over the rows of a stream group by group.
func groups(tx *db.Tx, query string, each func([]named) error) error {
	var group []named
	err := stream(tx, query, func(n named) error {
		if len(group) > 0 && group[0].Group != n.Group {
			if err := each(group); err != nil {
				return err
			}
			group = group[:0]
		}
		group = append(group, n)
		return nil
	})
	if err != nil || len(group) == 0 {
		return err
	}
	return each(group)
}

// neighbours compares each with all, or in a group that is larger than the bound with as many that follow it.
func neighbours(group []named, bound int, compare func(a, b named) error) error {
	for i := range group {
		for j := i + 1; j < len(group) && j <= i+bound; j++ {
			if err := compare(group[i], group[j]); err != nil {
				return err
			}
		}
	}
	return nil
}
