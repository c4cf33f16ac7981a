package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

// Guide says what to try first, and what of it has happened.
type Guide interface {
	Guide(ctx context.Context, locale string, actor account.Actor) ([]GuideStep, error)
}

// GuideStep is one thing to try. Its texts are the messages guide.<Key>.title and guide.<Key>.text.
type GuideStep struct {
	Key    string
	Done   bool
	DoneBy string       // a name, "" where it is not done
	As     account.Role // who does it; Public for anybody
	Email  string       // which of the demo's people; "" for the first of the role
	Link   string       // where it is done
}

// call is an open call for contributions, by the name that its cycle has.
type call struct {
	Title    string
	Href     string
	Deadline *dateRow // nil where none is set
}

const homePage page[homeData] = "home"

type homeData struct {
	Calls   []call
	News    document.CommentNews // what comments ask of the person
	Overdue []overdueText        // what somebody who may freeze has to decide about
	Stuck   []stuckText
	Trouble *troubleText
	Asked   []campaign.Asked
	Edits   []campaign.Asked // words of single messages that wait for an approval
	Late    []lateCampaign
	Steps   []homeStep
	Done    int
}

type homeStep struct {
	GuideStep
	Number  int
	Email   string // of whom to continue as, "" where nothing needs signing in
	Name    string
	Already bool // the person who looks is the one
}

func (w *Web) homeSection() section {
	return section{
		pages: []definition{homePage, errorPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/", account.HomeRead, w.home)
		},
	}
}

func (w *Web) home(c *fiber.Ctx) error {
	data, err := w.guided(c)
	if err != nil {
		return err
	}
	if data.Calls, err = w.openCalls(c); err != nil {
		return err
	}
	if data.News, err = w.commentNews(c); err != nil {
		return err
	}
	if data.Overdue, err = w.overdueTexts(c, 0); err != nil {
		return err
	}
	if data.Late, err = w.lateCampaigns(c, 0); err != nil {
		return err
	}
	if data.Trouble, err = w.mailTrouble(c); err != nil {
		return err
	}
	if data.Stuck, err = w.stuckTexts(c, 0); err != nil {
		return err
	}
	if data.Asked, err = w.askedCompletions(c, 0); err != nil {
		return err
	}
	if data.Edits, err = w.waitingEdits(c, 0); err != nil {
		return err
	}
	return homePage.show(w, c, data)
}

// commentNews is what the comments of the current cycle ask of the person.
func (w *Web) commentNews(c *fiber.Ctx) (document.CommentNews, error) {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	if w.Documents == nil || w.Cycles == nil || !actor.SignedIn() {
		return document.CommentNews{}, nil
	}
	current, err := w.Cycles.Current(ctx)
	if errs.Is(err, errs.NotFound) {
		return document.CommentNews{}, nil // a new installation has no cycle yet
	}
	if err != nil {
		return document.CommentNews{}, err
	}
	return w.Documents.CommentNews(ctx, actor, current.ID)
}

func (w *Web) openCalls(c *fiber.Ctx) ([]call, error) {
	if w.Cycles == nil {
		return nil, nil
	}
	all, err := w.Cycles.List(c.UserContext())
	if err != nil {
		return nil, err
	}
	var calls []call
	for _, round := range all {
		if round.State != cycle.Open {
			continue
		}
		due, err := w.deadline(c, round.ID)
		if err != nil {
			return nil, err
		}
		calls = append(calls, call{Title: round.Name, Href: "/calls/" + round.Slug, Deadline: due})
	}
	return calls, nil
}

func (w *Web) guided(c *fiber.Ctx) (homeData, error) {
	var data homeData
	if w.Guide == nil {
		return data, nil
	}
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	steps, err := w.Guide.Guide(ctx, w.Server.Localizer(c).Tag(), actor)
	if err != nil {
		return data, err
	}
	people, err := w.demoPeople(ctx)
	if err != nil {
		return data, err
	}
	for i, s := range steps {
		step := homeStep{GuideStep: s, Number: i + 1}
		if who, ok := personFor(people, s); ok {
			step.Email, step.Name, step.Already = who.Email, who.Name, who.Email == actor.Email
		}
		if s.Done {
			data.Done++
		}
		data.Steps = append(data.Steps, step)
	}
	return data, nil
}
