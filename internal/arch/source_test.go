package arch

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is the parsed non-test files of a package.
type source struct {
	fset  *token.FileSet
	files []*ast.File
}

// complaint is a place and what is wrong there.
type complaint struct {
	position token.Position
	what     string
}

func (c complaint) String() string {
	return fmt.Sprintf("%s:%d: %s", c.position.Filename, c.position.Line, c.what)
}

func TestSourceKeepsTheRules(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t) {
		room := roomOf(p.ImportPath)
		if supportsTests(p.ImportPath) {
			continue
		}
		s := parseFiles(t, p)
		for _, rule := range rulesOf(room) {
			for _, c := range rule(s) {
				t.Error(c)
			}
		}
	}
}

func rulesOf(room string) []func(source) []complaint {
	rules := []func(source) []complaint{noInit}
	if room != "internal/db" {
		rules = append(rules, databaseInStoresOnly)
	}
	if slices.Contains(domains, room) || slices.Contains(ground, room) {
		rules = append(rules, noClock, noTransport, noChangingVariables)
	}
	return rules
}

// noInit: what happens at start is written down in cmd, in order.
func noInit(s source) []complaint {
	var found []complaint
	for _, file := range s.files {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				found = append(found, s.complain(f, "an init function; do it where the program starts"))
			}
		}
	}
	return found
}

// databaseInStoresOnly: queries stand in store*.go, so that one finds them all.
func databaseInStoresOnly(s source) []complaint {
	return s.forbidImports("only store*.go files may", func(file, path string) bool {
		return strings.HasPrefix(file, "store") ||
			!strings.HasPrefix(path, "gorm.io/") && !strings.HasPrefix(path, "github.com/jackc/pgx/")
	})
}

// noTransport: a domain does not know how it is reached, nor by what its work is carried.
func noTransport(s source) []complaint {
	return s.forbidImports("a domain may not", func(_, path string) bool {
		return path != "net/http" && path != "net/smtp" &&
			!strings.HasPrefix(path, "github.com/gofiber/") && !strings.HasPrefix(path, "github.com/hibiken/asynq")
	})
}

func (s source) forbidImports(who string, may func(file, path string) bool) []complaint {
	var found []complaint
	for _, file := range s.files {
		name := filepath.Base(s.fset.Position(file.Pos()).Filename)
		for _, spec := range file.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil && !may(name, path) {
				found = append(found, s.complain(spec, "imports "+path+"; "+who))
			}
		}
	}
	return found
}

// noClock: time is passed in, so that a test can choose it.
func noClock(s source) []complaint {
	var found []complaint
	for _, file := range s.files {
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
				found = append(found, s.complain(sel, "asks the machine's clock (time."+sel.Sel.Name+"); take the time as an argument"))
			}
			return true
		})
	}
	return found
}

// noChangingVariables: package variables are set where they are declared, and never again.
func noChangingVariables(s source) []complaint {
	uses := map[*ast.Ident]types.Object{}
	// The types of other packages do not matter here, and are not loaded.
	conf := types.Config{Importer: noImporter{}, Error: func(error) {}}
	checked, _ := conf.Check("p", s.fset, s.files, &types.Info{Uses: uses})
	var found []complaint
	check := func(target ast.Expr) {
		id := root(target)
		v, ok := uses[id].(*types.Var)
		if ok && v.Parent() == checked.Scope() {
			found = append(found, s.complain(target, "changes the package variable "+id.Name))
		}
	}
	for _, file := range s.files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, target := range n.Lhs {
					check(target)
				}
			case *ast.IncDecStmt:
				check(n.X)
			}
			return true
		})
	}
	return found
}

// root is the variable that an assignment reaches into: m of m[k].f.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

type noImporter struct{}

func (noImporter) Import(string) (*types.Package, error) { return nil, errors.New("not loaded") }

func (s source) complain(n ast.Node, what string) complaint {
	return complaint{s.fset.Position(n.Pos()), what}
}

func parseFiles(t *testing.T, p pkg) source {
	t.Helper()
	s := source{fset: token.NewFileSet()}
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(s.fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		s.files = append(s.files, file)
	}
	return s
}

// TestRulesCanFail shows each rule something that it must find, and something that it must not.
func TestRulesCanFail(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		rule  func(source) []complaint
		file  string
		code  string
		wants int
	}{
		{"init", noInit, "a.go", "func init() {}", 1},
		{"method called init", noInit, "a.go", "type t struct{}; func (t) init() {}", 0},
		{"gorm in a service", databaseInStoresOnly, "service.go", `import _ "gorm.io/gorm"`, 1},
		{"gorm in a store", databaseInStoresOnly, "store_claim.go", `import _ "gorm.io/gorm"`, 0},
		{"fiber in a domain", noTransport, "a.go", `import _ "github.com/gofiber/fiber/v2"`, 1},
		{"url in a domain", noTransport, "a.go", `import _ "net/url"`, 0},
		{"clock", noClock, "a.go", `import "time"; func f() { g(time.Now(), time.Hour); time.Since(x) }`, 2},
		{"assigned", noChangingVariables, "a.go", "var v int; func f() { v = 1; v++ }", 2},
		{"changed inside", noChangingVariables, "a.go", "var m = map[int]*struct{ n int }{}; func f() { m[1].n = 1 }", 1},
		{"local of the same name", noChangingVariables, "a.go", "var v int; func f() { v := 1; v = 2; _ = v }", 0},
		{"type of another package", noChangingVariables, "a.go", `import "x.test/x"; func f(v x.T) { v.n = 1 }`, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, tt.file, "package p; "+tt.code, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			if found := tt.rule(source{fset, []*ast.File{file}}); len(found) != tt.wants {
				t.Errorf("found %v, want %d", found, tt.wants)
			}
		})
	}
}
