package telegram

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// SpecFile is the specification's name within Config.Specs: a machine-readable
// description of every method and type of the Bot API.
const SpecFile = "api.json"

// contract is the specification that requests, answers and updates are checked
// against. A nil contract checks nothing.
type contract struct {
	Version string             `json:"version"`
	Methods map[string]*method `json:"methods"`
	Types   map[string]*object `json:"types"`
	fixed   map[string]string  // "InputMediaPhoto.type" → "photo"
}

type method struct {
	Name    string   `json:"name"`
	Returns []string `json:"returns"`
	Fields  []field  `json:"fields"`
}

type object struct {
	Name     string   `json:"name"`
	Fields   []field  `json:"fields"`
	Subtypes []string `json:"subtypes"`
}

type field struct {
	Name        string   `json:"name"`
	Types       []string `json:"types"`
	Required    bool     `json:"required"`
	Description string   `json:"description"`
}

// upload stands for a file of a multipart request among its parameters.
type upload struct {
	Name, MIME string
	Data       []byte
}

var constant = regexp.MustCompile(`(?:always|must be) ["“]?([a-z_]+)["”]?(?:$|[ .,])`)

func loadContract(folder string) (*contract, error) {
	raw, err := os.ReadFile(filepath.Join(folder, SpecFile))
	if err != nil {
		return nil, fmt.Errorf("telegram stand-in: read the specification: %w", err)
	}
	c := &contract{fixed: map[string]string{}}
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, fmt.Errorf("telegram stand-in: parse the specification: %w", err)
	}
	if c.Methods["sendMessage"] == nil || c.Types["Update"] == nil {
		return nil, fmt.Errorf("telegram stand-in: %s does not describe the Bot API", SpecFile)
	}
	for name, o := range c.Types {
		for _, f := range o.Fields {
			if found := constant.FindStringSubmatch(f.Description); found != nil && f.Required && len(f.Types) == 1 && f.Types[0] == "String" {
				c.fixed[name+"."+f.Name] = found[1]
			}
		}
	}
	return c, nil
}

// call checks a method's parameters: all known, none missing, each of its type.
func (c *contract) call(name string, params map[string]any) error {
	if c == nil {
		return nil
	}
	m, ok := c.Methods[name]
	if !ok {
		return fmt.Errorf("no method %s", name)
	}
	return c.fields(name, name, m.Fields, params)
}

// typeOf tells how a parameter that came as text has to be read.
func (c *contract) typeOf(name, param string) []string {
	if c == nil {
		return nil
	}
	if m, ok := c.Methods[name]; ok {
		for _, f := range m.Fields {
			if f.Name == param {
				return f.Types
			}
		}
	}
	return nil
}

// result checks what a method returns.
func (c *contract) result(name string, value any) error {
	if c == nil || c.Methods[name] == nil {
		return nil
	}
	v, err := plain(value)
	if err != nil {
		return err
	}
	return c.check("result of "+name, c.Methods[name].Returns, v)
}

// value checks something that is not decoded yet against a type.
func (c *contract) value(typeName string, value any) error {
	if c == nil {
		return nil
	}
	v, err := plain(value)
	if err != nil {
		return err
	}
	return c.check(typeName, []string{typeName}, v)
}

// plain turns a value into what json.Unmarshal would give, numbers kept as
// written.
func plain(value any) (any, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	return decode(raw)
}

func decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if d.More() {
		return nil, fmt.Errorf("not JSON: more than one value")
	}
	return v, nil
}

// check accepts a value that fits one of the types; otherwise it tells of the
// mismatch that lies deepest, which is the type that was meant.
func (c *contract) check(where string, types []string, v any) error {
	var elements, others []string
	for _, t := range types {
		if e, ok := strings.CutPrefix(t, "Array of "); ok {
			elements = append(elements, e)
		} else {
			others = append(others, t)
		}
	}
	if list, ok := v.([]any); ok && len(elements) > 0 {
		for i, e := range list {
			if err := c.check(fmt.Sprintf("%s[%d]", where, i), elements, e); err != nil {
				return err
			}
		}
		return nil
	}
	var worst error
	for _, t := range others {
		err := c.one(where, t, v)
		if err == nil {
			return nil
		}
		if worst == nil || len(err.Error()) > len(worst.Error()) {
			worst = err
		}
	}
	if worst == nil {
		worst = fmt.Errorf("%s: want %s, is %T", where, strings.Join(types, " or "), v)
	}
	return worst
}

func (c *contract) one(where, t string, v any) error {
	var fits bool
	switch t {
	case "Integer":
		n, ok := v.(json.Number)
		fits = ok && !strings.ContainsAny(n.String(), ".eE")
	case "Float":
		_, fits = v.(json.Number)
	case "String":
		_, fits = v.(string)
	case "Boolean":
		_, fits = v.(bool)
	case "InputFile":
		_, fits = v.(upload)
	default:
		return c.object(where, t, v)
	}
	if !fits {
		return fmt.Errorf("%s: want %s, is %T", where, t, v)
	}
	return nil
}

func (c *contract) object(where, t string, v any) error {
	o, ok := c.Types[t]
	if !ok {
		return fmt.Errorf("%s: the specification has no type %s", where, t)
	}
	if len(o.Subtypes) > 0 {
		return c.check(where, o.Subtypes, v)
	}
	values, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: want %s, is %T", where, t, v)
	}
	for _, f := range o.Fields {
		if want, ok := c.fixed[t+"."+f.Name]; ok && values[f.Name] != want {
			return fmt.Errorf("%s: not %s", where, t)
		}
	}
	return c.fields(where, t, o.Fields, values)
}

func (c *contract) fields(where, owner string, fields []field, values map[string]any) error {
	known := make(map[string]bool, len(fields))
	for _, f := range fields {
		known[f.Name] = true
		v, ok := values[f.Name]
		if !ok {
			if f.Required {
				return fmt.Errorf("%s: %s.%s is missing", where, owner, f.Name)
			}
			continue
		}
		if err := c.check(where+"."+f.Name, f.Types, v); err != nil {
			return err
		}
	}
	for name := range values {
		if !known[name] {
			return fmt.Errorf("%s: %s has no field %s", where, owner, name)
		}
	}
	return nil
}
