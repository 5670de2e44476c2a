package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/pelletier/go-toml/v2"
)

// FileName is the settings' file, looked for in the working directory and in
// /etc/okno.
const FileName = "okno.toml"

// File returns kong's option that reads settings from a file; missing files
// are passed over, malformed ones are not.
func File(paths ...string) kong.Option {
	return kong.OptionFunc(func(k *kong.Kong) error {
		for _, p := range paths {
			f, err := os.Open(p) //nolint:gosec // whoever starts the server chooses the file
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return fmt.Errorf("settings: %w", err)
			}
			r, err := resolver(f)
			if err = errors.Join(err, f.Close()); err != nil {
				return fmt.Errorf("settings in %s: %w", p, err)
			}
			return kong.Resolvers(r).Apply(k)
		}
		return nil
	})
}

// resolver gives flags their values from a TOML file, unless the environment
// has one.
func resolver(r io.Reader) (kong.Resolver, error) {
	var values map[string]any
	if err := toml.NewDecoder(r).Decode(&values); err != nil {
		return nil, err
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, env := range flag.Envs {
			if _, ok := os.LookupEnv(env); ok {
				return nil, nil //nolint:nilnil // the environment has it
			}
		}
		v, ok := values[flag.Name]
		if !ok {
			return nil, nil //nolint:nilnil // the file does not have it
		}
		if list, ok := v.([]any); ok {
			words := make([]string, len(list))
			for i, w := range list {
				words[i] = fmt.Sprint(w)
			}
			return strings.Join(words, ","), nil
		}
		return fmt.Sprint(v), nil
	}), nil
}
