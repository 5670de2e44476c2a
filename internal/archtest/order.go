package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// Order says where each package stands. Paths are relative to the module's
// root; a path stands for itself and, unless a longer one is listed, for all
// below it.
type Order struct {
	// Foundation is what everything may use. It knows nothing of Okno but itself.
	Foundation []string
	// Features are what the product is, each allowed to know those before it
	// and the foundation.
	Features []string
	// Adapters are one technology each. They know foundation and features, and
	// of each other only what is listed for them.
	Adapters map[string][]string
	// Testing is for tests alone: no part of the program may import it, except
	// a command that is listed in Commands with it.
	Testing []string
	// App puts the parts together and may import all but Testing and commands.
	App []string
	// Commands are the programs, with what each may import.
	Commands map[string][]string
	// External lists the modules of others that foundation and features may
	// use, by package; they are plain Go otherwise.
	External map[string][]string
}

type layer int

const (
	none layer = iota
	foundation
	feature
	adapter
	testing
	app
	command
)

// place finds a package's layer and the listed path it belongs to.
func (o Order) place(dir string) (layer, string) {
	var best string
	found := none
	try := func(l layer, listed string) {
		if (dir == listed || strings.HasPrefix(dir, listed+"/")) && len(listed) > len(best) {
			found, best = l, listed
		}
	}
	lists := map[layer][]string{foundation: o.Foundation, feature: o.Features, testing: o.Testing, app: o.App}
	for l, list := range lists {
		for _, listed := range list {
			try(l, listed)
		}
	}
	for listed := range o.Adapters {
		try(adapter, listed)
	}
	for listed := range o.Commands {
		try(command, listed)
	}
	return found, best
}

// check returns what is wrong with a package's imports.
func (o Order) check(p *source, module string) []string {
	from, listed := o.place(p.dir)
	if from == none {
		return []string{fmt.Sprintf("%s: has no layer; give it a place in internal/archtest", p.dir)}
	}
	var faults []string
	for to, file := range p.imports {
		inner, ours := strings.CutPrefix(to, module+"/")
		var why string
		switch {
		case ours:
			why = o.forbidden(from, listed, inner)
		case (from == foundation || from == feature) && strings.Contains(strings.SplitN(to, "/", 2)[0], "."):
			if !within(to, o.External[listed]) {
				why = "foundation and features are plain Go on the standard library"
			}
		}
		if why != "" {
			faults = append(faults, fmt.Sprintf("%s: imports %s: %s", file, to, why))
		}
	}
	return faults
}

// forbidden says why a package may not import another of ours, or nothing.
func (o Order) forbidden(from layer, listed, to string) string {
	target, other := o.place(to)
	if other == listed {
		return "" // one part's own folders
	}
	if target == none {
		return "it has no layer"
	}
	switch from {
	case foundation:
		if target != foundation {
			return "the foundation knows nothing above it"
		}
	case feature:
		if target == feature && slices.Index(o.Features, other) < slices.Index(o.Features, listed) || target == foundation {
			return ""
		}
		return "a feature knows the foundation and the features before it, nothing else"
	case adapter:
		if target == foundation || target == feature || within(to, o.Adapters[listed]) {
			return ""
		}
		return "an adapter knows features, not other adapters"
	case testing:
		if target == app || target == command {
			return "test equipment does not know the program"
		}
	case app:
		if target == testing || target == command {
			return "the program does not know test equipment or commands"
		}
	case command:
		if !within(to, o.Commands[listed]) {
			return "a command starts the app and nothing else"
		}
	case none:
	}
	return ""
}

// within reports whether a path is one of the listed ones or below one.
func within(to string, listed []string) bool {
	return slices.ContainsFunc(listed, func(l string) bool { return to == l || strings.HasPrefix(to, l+"/") })
}
