package web

import (
	"html"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
)

// maxTyped bounds what a page gives back of words that were not taken, in characters.
const maxTyped = 100_000

// typedStart is how much of a text must stand on a page to say that the page has it: a field shows less than all of a
// paste that is too long.
const typedStart = 100

// typed is a text that somebody posted and that the answer has in none of its fields.
type typed struct {
	Number int // from 1 on
	Text   string
	Cut    bool // there was more
}

var (
	// notTyped are fields that hold no words of a person, whatever stands in them.
	notTyped = regexp.MustCompile(`(?i)^(?:csrf|began|website|removing|.*(?:password|token|secret).*)$`)
	// codeValue is what buttons, choices and hidden fields hold.
	codeValue = regexp.MustCompile(`^[\w:/+=@&%?-]+(?:\.[\w:/+=@&%?-]+)*$`)
)

// isWords says whether the value of a field is something that a person wrote, and would miss.
func isWords(name, value string) bool {
	return !notTyped.MatchString(name) && utf8.RuneCountInString(value) > 3 && !codeValue.MatchString(value)
}

// typedIn lists the words that were posted, in the order of their fields. What another site made the browser send is
// nobody's words.
func (w *Web) typedIn(c *fiber.Ctx) []string {
	if !w.Server.FromHere(c) {
		return nil
	}
	var words []string
	add := func(name, value string) {
		value = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(value, "\uFFFD"), "\r\n", "\n"))
		if isWords(name, value) && !slices.Contains(words, value) {
			words = append(words, value)
		}
	}
	body := w.Server.Body(c)
	if strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEApplicationForm) {
		for pair := range strings.SplitSeq(string(body), "&") {
			name, value, _ := strings.Cut(pair, "=")
			name, badName := url.QueryUnescape(name)
			value, badValue := url.QueryUnescape(value)
			if badName == nil && badValue == nil {
				add(name, value)
			}
		}
		return words
	}
	if len(body) == 0 {
		return nil
	}
	posted, err := w.posted(c)
	if err != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(posted.Values)) {
		for _, value := range posted.Values[name] {
			add(name, value)
		}
	}
	return words
}

// missing are the words that do not stand on the page, as much of them as fits.
func missing(words []string, page string) []typed {
	if len(words) == 0 {
		return nil
	}
	page = oneLine(html.UnescapeString(page))
	var lost []typed
	room := maxTyped
	for _, text := range words {
		if room == 0 || strings.Contains(page, oneLine(first(text, typedStart))) {
			continue
		}
		shown := first(text, room)
		room -= utf8.RuneCountInString(shown)
		lost = append(lost, typed{Number: len(lost) + 1, Text: shown, Cut: len(shown) < len(text)})
	}
	return lost
}

func first(text string, characters int) string {
	letters := []rune(text)
	return string(letters[:min(len(letters), characters)])
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// refused says whether the page answers a form that was not taken.
func refused(c *fiber.Ctx, status int) bool {
	return status >= fiber.StatusBadRequest && c.Method() == fiber.MethodPost
}
