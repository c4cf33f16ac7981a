package contribution

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// PublishedVersion is what was published and replaced since then, with what is public of its contribution now. Errors are
// those of PublishedOne, and errs.Gone after a withdrawal.
func (s *Service) PublishedVersion(ctx context.Context, cycleID int64, number, version int) (Public, Version, error) {
	p, err := s.PublishedOne(ctx, cycleID, number)
	if err != nil {
		return p, Version{}, err
	}
	if p.Withdrawn() {
		return p, Version{}, errs.E(errs.Gone, "contribution.not_public")
	}
	tx := s.DB.Read(ctx)
	c, err := byNumber(tx, cycleID, number)
	if err != nil {
		return p, Version{}, errs.Wrap("contribution.published_version", err)
	}
	v, err := versionAt(tx, c.ID, version)
	if db.IsNotFound(err) {
		return p, v, notFound()
	}
	if err == nil {
		v.Files, err = filesOfVersion(tx, c.ID, version)
	}
	return p, v, errs.Wrap("contribution.published_version", err)
}

// VersionFile is a document of a version. Errors are those of PublishedVersion, and errs.NotFound where the version has no such document.
func (s *Service) VersionFile(ctx context.Context, cycleID int64, number, version, position int) (Content, error) {
	tx := s.DB.Read(ctx)
	c, err := byNumber(tx, cycleID, number)
	if db.IsNotFound(err) || err == nil && (version < 1 || version > c.Corrections) {
		return Content{}, notFound()
	}
	if err != nil {
		return Content{}, errs.Wrap("contribution.version_file", err)
	}
	if c.State != Published {
		return Content{}, errs.E(errs.Gone, "contribution.not_public")
	}
	f, err := fileOfVersion(tx, c.ID, version, position)
	if db.IsNotFound(err) {
		return Content{}, noFile()
	}
	return f, errs.Wrap("contribution.version_file", err)
}

// Changed gives what is public, what changed last first: published, corrected or withdrawn, for those who follow.
func (s *Service) Changed(ctx context.Context, cycleID int64, limit int) ([]Public, error) {
	tx := s.DB.Read(ctx)
	rows, err := changed(tx, cycleID, bounded(limit))
	if err != nil {
		return nil, errs.Wrap("contribution.changed", err)
	}
	all, err := publics(tx, rows)
	return all, errs.Wrap("contribution.changed", err)
}

// ChangedAt is when what everybody sees changed last.
func (p Public) ChangedAt() time.Time {
	switch {
	case p.WithdrawnAt != nil:
		return *p.WithdrawnAt
	case p.CorrectedAt != nil && p.CorrectedAt.After(p.PublishedAt):
		return *p.CorrectedAt
	}
	return p.PublishedAt
}
