package contact

import (
	"slices"

	"github.com/convoke/convoke/internal/db"
)

// namesakes is how many contacts of one name a row is compared with.
const namesakes = 20

// loadScene reads all that the database knows of what these rows mention, with a fixed number of
// statements. With lock, nobody else changes the contacts before the transaction ends.
func loadScene(tx *db.Tx, rows []*entry, o *importOptions, lock bool) (*scene, error) {
	l := sceneLoader{tx: tx, rows: rows, o: o, scene: newScene(), lock: lock}
	for _, step := range []func() error{
		l.mailboxes, l.suppressions, l.holders, l.numbered, l.namesakes, l.organizations, l.contacts, l.mails, l.ties, l.listings,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	l.index()
	return l.scene, nil
}

type sceneLoader struct {
	*scene
	tx   *db.Tx
	rows []*entry
	o    *importOptions
	lock bool
	ids  []int64
	all  []*known
	orgs map[string]int64 // by folded name
}

// collect gives what the rows mention, each once.
func collect[T comparable](rows []*entry, of func(*entry) []T) []T {
	var zero T
	seen := map[T]bool{zero: true}
	var all []T
	for _, e := range rows {
		for _, v := range of(e) {
			if !seen[v] {
				seen[v] = true
				all = append(all, v)
			}
		}
	}
	return all
}

func (l *sceneLoader) mailboxes() error {
	where, arg, err := amongAll(l.tx, "email", collect(l.rows, func(e *entry) []string { return e.emails }))
	if err != nil {
		return err
	}
	found, err := scanAll[Address](l.tx, "select id, email, hash, kind, status, created_at from address where "+where, arg)
	if err != nil {
		return err
	}
	for _, a := range found {
		l.byMail[a.Email] = &mailbox{Address: a}
	}
	return nil
}

// suppressions are marked at addresses that we do not know too.
func (l *sceneLoader) suppressions() error {
	where, arg, err := amongAll(l.tx, "hash", collect(l.rows, func(e *entry) []string { return e.hashes }))
	if err != nil {
		return err
	}
	found, err := scanValues[string](l.tx, "select hash from suppression where "+where, arg)
	if err != nil || len(found) == 0 {
		return err
	}
	for _, e := range l.rows {
		for i, hash := range e.hashes {
			if !slices.Contains(found, hash) {
				continue
			}
			if l.byMail[e.emails[i]] == nil {
				l.byMail[e.emails[i]] = &mailbox{Address: Address{Email: e.emails[i]}}
			}
			l.byMail[e.emails[i]].suppressed = true
		}
	}
	return nil
}

func (l *sceneLoader) want(query string, args ...any) error {
	ids, err := scanValues[int64](l.tx, query, args...)
	l.ids = append(l.ids, ids...)
	return err
}

func (l *sceneLoader) holders() error {
	var ids []int64
	for _, m := range l.byMail {
		if m.ID != 0 {
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	where, arg, err := amongAll(l.tx, "address_id", ids)
	if err != nil {
		return err
	}
	return l.want("select distinct contact_id from contact_address where "+where, arg)
}

func (l *sceneLoader) numbered() error {
	l.ids = append(l.ids, collect(l.rows, func(e *entry) []int64 { return []int64{e.id} })...)
	return nil
}

func (l *sceneLoader) namesakes() error {
	keys := collect(l.rows, func(e *entry) []string {
		all := []string{e.given.NameKey}
		for _, t := range e.ties {
			all = append(all, t.key)
		}
		return all
	})
	where, arg, err := amongAll(l.tx, "name_key", keys)
	if err != nil {
		return err
	}
	return l.want(`select id from (select id, row_number() over (partition by name_key, kind order by id) as place
		from contact where `+where+`) x where place <= ?`, arg, namesakes)
}

// organizations are found by name; of several the first.
func (l *sceneLoader) organizations() error {
	names := collect(l.rows, func(e *entry) []string {
		folded := make([]string, 0, len(e.ties)+1)
		for _, t := range e.ties {
			folded = append(folded, t.folded)
		}
		if e.given.Kind == Organization {
			folded = append(folded, e.given.SortName)
		}
		return folded
	})
	where, arg, err := amongAll(l.tx, "sort_name", names)
	if err != nil {
		return err
	}
	rows, err := l.tx.Query("select sort_name, min(id) from contact where "+where+" and kind = 'organization' group by sort_name", arg)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	l.orgs = map[string]int64{}
	for rows.Next() {
		var name string
		var id int64
		if err := rows.Scan(&name, &id); err != nil {
			return err
		}
		l.orgs[name] = id
		l.ids = append(l.ids, id)
	}
	return rows.Err()
}

// contactRow is a contact with what only imports ask for.
type contactRow struct {
	Contact  `gorm:"embedded"`
	ImportID *int64
}

func (r contactRow) known() *known {
	k := &known{Contact: r.Contact}
	if r.ImportID != nil {
		k.importID = *r.ImportID
	}
	return k
}

func (l *sceneLoader) read(ids []int64, lock bool) ([]*known, error) {
	where, arg, err := amongAll(l.tx, "id", ids)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	query := "select * from contact where " + where + " order by id"
	if lock && l.tx.Dialect() == db.Postgres {
		query += " for update"
	}
	found, err := scanAll[contactRow](l.tx, query, arg)
	all := make([]*known, len(found))
	for i, r := range found {
		all[i] = r.known()
	}
	return all, err
}

func (l *sceneLoader) contacts() (err error) {
	slices.Sort(l.ids)
	l.ids = slices.Compact(l.ids)
	l.all, err = l.read(l.ids, l.lock)
	for _, k := range l.all {
		l.byID[k.ID] = k
	}
	return err
}

type heldAddress struct {
	Address   `gorm:"embedded"`
	ContactID int64
	Position  int64
}

func (l *sceneLoader) mails() error {
	if len(l.all) == 0 {
		return nil
	}
	where, arg, err := amongAll(l.tx, "ca.contact_id", l.ids)
	if err != nil {
		return err
	}
	found, err := scanAll[heldAddress](l.tx, `select a.id, a.email, a.hash, a.kind, a.status, a.created_at, ca.contact_id, ca.position
		from contact_address ca join address a on a.id = ca.address_id where `+where+" order by ca.contact_id, ca.position", arg)
	if err != nil {
		return err
	}
	for _, f := range found {
		k := l.byID[f.ContactID]
		if k == nil {
			continue
		}
		m := l.byMail[f.Email]
		if m == nil {
			m = &mailbox{Address: f.Address}
			l.byMail[f.Email] = m
		}
		k.mails = append(k.mails, m)
		k.before++
		k.lastPosition = f.Position
		m.holders = append(m.holders, k)
	}
	return nil
}

func (l *sceneLoader) ties() error {
	if len(l.all) == 0 {
		return nil
	}
	where, arg, err := amongAll(l.tx, "contact_id", l.ids)
	if err != nil {
		return err
	}
	found, err := scanAll[Affiliation](l.tx, `select id, contact_id, organization_id, function, title, represents, since, until, created_at
		from affiliation where `+where+" order by case when represents then 0 else 1 end, id", arg)
	if err != nil {
		return err
	}
	others := map[int64]*known{}
	var ids []int64
	for _, f := range found {
		if l.byID[f.OrganizationID] == nil && others[f.OrganizationID] == nil {
			others[f.OrganizationID] = &known{}
			ids = append(ids, f.OrganizationID)
		}
	}
	slices.Sort(ids)
	organizations, err := l.read(ids, false)
	if err != nil {
		return err
	}
	for _, k := range organizations {
		others[k.ID] = k
	}
	for _, f := range found {
		k, to := l.byID[f.ContactID], l.byID[f.OrganizationID]
		if to == nil {
			to = others[f.OrganizationID]
		}
		if k != nil {
			k.ties = append(k.ties, &knownTie{Affiliation: f, to: to})
		}
	}
	return nil
}

func (l *sceneLoader) listings() error {
	if len(l.all) == 0 || l.o.cycleID == 0 {
		return nil
	}
	where, arg, err := amongAll(l.tx, "contact_id", l.ids)
	if err != nil {
		return err
	}
	found, err := scanAll[Listing](l.tx, `select id, cycle_id, contact_id, stakeholder_group, region, listed_at from listing
		where cycle_id = ? and `+where, l.o.cycleID, arg)
	for i := range found {
		if k := l.byID[found[i].ContactID]; k != nil {
			k.listing = &found[i]
		}
	}
	return err
}

func (l *sceneLoader) index() {
	for _, k := range l.all {
		l.scene.index(k)
	}
	for name, id := range l.orgs {
		if k := l.byID[id]; k != nil {
			l.scene.orgs[name] = k
		}
	}
}
