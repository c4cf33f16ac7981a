package demo

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/db"
)

// Clock is the demo's time: the machine's, moved so that the demo began on the day that was asked
// for. The move is kept in the data folder, so that a second start, and every other command on
// the same folder, lives in the same time.
type Clock struct {
	Began time.Time     `json:"began"` // the instant of the first start, in the demo's time
	Moved time.Duration `json:"moved"` // what is added to the machine's time
}

const clockFile = "demo.json"

// asOf is the flag that names the day, as its user reads it.
const asOf = "--as-of"

// ReadClock gives the clock of a data folder; ok is false where no demo was started in it.
func ReadClock(folder string) (c Clock, ok bool, err error) {
	b, err := os.ReadFile(filepath.Join(folder, clockFile))
	if errors.Is(err, os.ErrNotExist) {
		return Clock{}, false, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil {
		return Clock{}, false, config.Error{
			Variable: config.Data, Wrong: "its " + clockFile + " cannot be read",
			Right: "name another folder (--data), or remove this one to begin again",
		}
	}
	return c, true, nil
}

// StartClock gives the clock of a data folder, and makes it at the first start. day is YYYY-MM-DD,
// "" for today or for whatever day the demo began with. Another day than that is a config.Error.
func StartClock(folder, day string) (Clock, error) {
	at, err := time.Parse(time.DateOnly, day)
	if day != "" && err != nil {
		return Clock{}, config.Error{Variable: asOf, Wrong: day + " is no day", Right: "write it like 2017-08-07"}
	}
	c, started, err := ReadClock(folder)
	if err != nil {
		return c, err
	}
	if started {
		return c, c.refuse(day)
	}
	now := db.Now()
	c = Clock{Began: now}
	if day != "" {
		c.Began = time.Date(at.Year(), at.Month(), at.Day(), now.Hour(), now.Minute(), now.Second(), 0, time.UTC)
		c.Moved = c.Began.Sub(now).Truncate(time.Second)
	}
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return Clock{}, err
	}
	return c, os.WriteFile(filepath.Join(folder, clockFile), append(b, '\n'), 0o600)
}

// refuse gives an error for a day that is not the one of the first start.
func (c Clock) refuse(day string) error {
	began := c.Began.UTC().Format(time.DateOnly)
	if day == "" || day == began {
		return nil
	}
	return config.Error{
		Variable: asOf, Wrong: "the demo in this folder began on " + began + ", not on " + day,
		Right: "leave it out, or begin another demo with --data FOLDER",
	}
}

// Now is the demo's time, UTC.
func (c Clock) Now() time.Time { return db.Now().Add(c.Moved) }
