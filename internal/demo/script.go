package demo

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
)

//go:embed scripts/*.txt
var scripts embed.FS

// scene is a dialogue with blanks. In the files it looks so:
//
//	## sales 5 ru name telegram,webchat
//	< what the customer says
//	>[photo=machine;reply] what an agent says
//	! what an agent notes for a colleague
//	= resolved
//
// The heading gives the department, how often it happens, the language, a
// name, and the channels it can happen on (none: any). A line may begin with
// options in brackets, separated by semicolons. In texts {a|b} is a choice,
// {$x} a fact of this dialogue and {%x} a stock phrase.
type scene struct {
	name     string
	sales    bool
	weight   int
	english  bool
	channels []channel.Kind
	steps    []step
}

// step is a line of a scene: who is '<', '>', '!' or '='.
type step struct {
	who     byte
	options []option
	text    string
}

type option struct{ key, value string }

func (s step) option(key string) (string, bool) {
	for _, o := range s.options {
		if o.key == key {
			return o.value, true
		}
	}
	return "", false
}

func (s step) has(key string) bool { _, ok := s.option(key); return ok }

// scenes reads all dialogues.
func scenes() ([]scene, error) {
	var out []scene
	for _, file := range []string{"scripts/sales.txt", "scripts/support.txt"} {
		b, err := scripts.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("demo: dialogues: %w", err)
		}
		for n, line := range strings.Split(string(b), "\n") {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "# ") {
				continue
			}
			if head, ok := strings.CutPrefix(line, "## "); ok {
				s, err := heading(head)
				if err != nil {
					return nil, fmt.Errorf("demo: %s:%d: %w", file, n+1, err)
				}
				out = append(out, s)
				continue
			}
			if len(out) == 0 || !strings.ContainsRune("<>!=", rune(line[0])) {
				return nil, fmt.Errorf("demo: %s:%d: no step of a scene: %q", file, n+1, line)
			}
			last := &out[len(out)-1]
			last.steps = append(last.steps, readStep(line))
		}
	}
	return out, nil
}

func heading(s string) (scene, error) {
	f := strings.Fields(s)
	if len(f) < 4 {
		return scene{}, fmt.Errorf("heading %q", s)
	}
	weight, err := strconv.Atoi(f[1])
	if err != nil {
		return scene{}, fmt.Errorf("weight of %q: %w", s, err)
	}
	out := scene{name: f[3], sales: f[0] == "sales", weight: weight, english: f[2] == "en"}
	if len(f) > 4 {
		for k := range strings.SplitSeq(f[4], ",") {
			out.channels = append(out.channels, channel.Kind(k))
		}
	}
	return out, nil
}

func readStep(line string) step {
	s := step{who: line[0], text: strings.TrimSpace(line[1:])}
	if !strings.HasPrefix(s.text, "[") {
		return s
	}
	inside, rest, _ := strings.Cut(s.text[1:], "]")
	s.text = strings.TrimSpace(rest)
	for o := range strings.SplitSeq(inside, ";") {
		key, value, _ := strings.Cut(o, "=")
		s.options = append(s.options, option{key, value})
	}
	return s
}

func (s scene) on(k channel.Kind) bool {
	return len(s.channels) == 0 || slices.Contains(s.channels, k)
}
