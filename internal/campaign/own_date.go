package campaign

import (
	"context"
)

// markOwn finds those of a batch who have a deadline of their own, asking once for all.
func (s *Service) markOwn(ctx context.Context, cycleID int64, rows []queuedRow) error {
	readers := make([]Reader, len(rows))
	for i := range rows {
		readers[i] = Reader{ContactID: rows[i].person.ContactID, Initiative: rows[i].person.Initiative}
	}
	own, err := s.Cycles.OwnDeadlines(ctx, cycleID, readers, s.Now())
	if err != nil || len(own) == 0 {
		return err
	}
	for i := range rows {
		rows[i].person.takeOwn(own)
	}
	return nil
}

// knowDeadline finds which deadline one reader has: that of the initiatives, one of their own, or that of everybody.
func (s *Service) knowDeadline(ctx context.Context, cycleID int64, p *person) error {
	var err error
	if p.Initiative, err = answersForInitiative(s.DB.Read(ctx), p.ContactID); err != nil {
		return err
	}
	own, err := s.Cycles.OwnDeadlines(ctx, cycleID, []Reader{{ContactID: p.ContactID, Initiative: p.Initiative}}, s.Now())
	p.takeOwn(own)
	return err
}

func (p *person) takeOwn(own map[int64]Deadline) {
	if d, ok := own[p.ContactID]; ok {
		p.Own = &d
	}
}
