package account

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/errs"
)

// Actor is who asks a service for something.
type Actor struct {
	audit.Who
	Email     string
	Roles     []Role
	Language  string   // BCP 47, one of the languages of the product
	TimeZone  string   // IANA name
	Countries []string // of the initiatives that the actor coordinates
}

// Nobody is a visitor without an account.
func Nobody(requestID string) Actor {
	return Actor{Who: audit.Who{Kind: audit.ByContributor, RequestID: requestID}, Roles: []Role{Public}}
}

// SignedIn says whether the actor has an account.
func (a Actor) SignedIn() bool { return a.Kind == audit.ByAccount && a.ID != 0 }

// Is says whether the actor has the role.
func (a Actor) Is(r Role) bool { return slices.Contains(a.Roles, r) }

// Scope is the largest scope that any of the actor's roles gives for the action.
func (a Actor) Scope(action Action) Scope {
	best := ScopeOf(Public, action)
	for _, r := range a.Roles {
		best = max(best, ScopeOf(r, action))
	}
	return best
}

// May says whether the actor may do the action on anything at all.
func (a Actor) May(action Action) bool { return a.Scope(action) != Nothing }

// Require is nil where the actor may do the action on something. What it may do it on, the use
// case decides with Scope. The error is errs.Unauthorized for nobody, errs.Forbidden for a member.
func (a Actor) Require(action Action) error {
	if a.May(action) {
		return nil
	}
	return a.refusal()
}

// RequireOn is Require for one thing: own says whether the actor holds it, country where it lies
// ("" where it lies nowhere).
func (a Actor) RequireOn(action Action, own bool, country string) error {
	switch scope := a.Scope(action); {
	case scope == All,
		scope >= Own && own,
		scope == Country && country != "" && slices.Contains(a.Countries, country):
		return nil
	}
	return a.refusal()
}

func (a Actor) refusal() error {
	if a.SignedIn() {
		return errs.E(errs.Forbidden, "error.forbidden")
	}
	return errs.E(errs.Unauthorized, "error.unauthorized")
}

type actorKey struct{}

// WithActor puts the actor into the context of a request.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom is the actor of the request, Nobody where none was put.
func ActorFrom(ctx context.Context) Actor {
	if a, ok := ctx.Value(actorKey{}).(Actor); ok {
		return a
	}
	return Nobody("")
}
