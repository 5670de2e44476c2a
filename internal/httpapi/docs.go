package httpapi

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// docsStyle is all there is to look at in the reference.
const docsStyle = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:2rem 1rem}
h1{font-size:1.6rem}h2{margin-top:2.5rem;font-size:1.2rem}details{border:1px solid #8884;border-radius:8px;margin:.4rem 0;padding:.5rem .8rem}
summary{cursor:pointer}summary b{font:600 12px ui-monospace,monospace;display:inline-block;min-width:4.2em}code,pre{font:13px ui-monospace,monospace}
pre{overflow:auto;background:#8881;padding:.7rem;border-radius:6px}td,th{text-align:left;padding:.15rem .8rem .15rem 0;vertical-align:top}small{opacity:.7}`

func docsStyleHash() string {
	sum := sha256.Sum256([]byte(docsStyle))
	return base64.StdEncoding.EncodeToString(sum[:])
}

const docsPage = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Okno API</title><style>{{.Style}}</style>
<h1>Okno API</h1><p>{{.Description}}</p><p><code>/api/v1</code> · <a href="/api/v1/openapi.json">openapi.json</a> · <a href="/api/v1/openapi.yaml">openapi.yaml</a></p>
{{range .Groups}}<h2>{{.Tag}}</h2>{{range .Operations}}<details><summary><b>{{.Method}}</b> <code>{{.Path}}</code> — {{.Summary}}</summary>
{{if .Params}}<table>{{range .Params}}<tr><td><code>{{.Name}}</code></td><td><small>{{.In}}</small></td><td>{{.Text}}</td></tr>{{end}}</table>{{end}}
{{if .Request}}<p>Request</p><pre>{{.Request}}</pre>{{end}}{{if .Response}}<p>Answer {{.Status}}</p><pre>{{.Response}}</pre>{{end}}
</details>{{end}}{{end}}</html>`

type docsOperation struct {
	Method, Path, Summary, Status string
	Params                        []docsParam
	Request, Response             string
}

type docsParam struct{ Name, In, Text string }

type docsGroup struct {
	Tag        string
	Operations []docsOperation
}

// docs writes the reference page.
func (s *Server) docs() []byte {
	api := s.api.OpenAPI()
	groups := map[string][]docsOperation{}
	for path, item := range api.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			tag := "Other"
			if len(op.Tags) > 0 {
				tag = op.Tags[0]
			}
			groups[tag] = append(groups[tag], describe(api, path, op))
		}
	}
	var list []docsGroup
	for _, tag := range slices.Sorted(maps.Keys(groups)) {
		slices.SortFunc(groups[tag], func(a, b docsOperation) int {
			return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
		})
		list = append(list, docsGroup{tag, groups[tag]})
	}
	var buf bytes.Buffer
	t := template.Must(template.New("docs").Parse(docsPage))
	err := t.Execute(&buf, map[string]any{"Style": template.CSS(docsStyle), "Description": api.Info.Description, "Groups": list}) //nolint:gosec // our own constant
	if err != nil {
		s.d.Log.Error("reference not written", slog.Any("error", err))
	}
	return buf.Bytes()
}

func describe(api *huma.OpenAPI, path string, op *huma.Operation) docsOperation {
	out := docsOperation{Method: op.Method, Path: path, Summary: op.Summary}
	for _, p := range op.Parameters {
		if p.In == "header" {
			continue
		}
		text := p.Description
		if p.Schema != nil && len(p.Schema.Enum) > 0 {
			text = strings.TrimSpace(text + " " + example(api, p.Schema, 0))
		}
		out.Params = append(out.Params, docsParam{p.Name, p.In, text})
	}
	if op.RequestBody != nil {
		if m := op.RequestBody.Content["application/json"]; m != nil {
			out.Request = example(api, m.Schema, 0)
		}
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		out.Status = status
		if m := op.Responses[status].Content["application/json"]; m != nil {
			out.Response = example(api, m.Schema, 0)
		}
	}
	return out
}

// example writes a schema as JSON that looks like it.
func example(api *huma.OpenAPI, sc *huma.Schema, depth int) string {
	b, err := json.MarshalIndent(sample(api, sc, depth), "", "  ")
	if err != nil {
		return ""
	}
	return string(b)
}

func sample(api *huma.OpenAPI, sc *huma.Schema, depth int) any {
	if sc == nil || depth > 6 {
		return "…"
	}
	if sc.Ref != "" {
		return sample(api, api.Components.Schemas.SchemaFromRef(sc.Ref), depth+1)
	}
	if len(sc.Examples) > 0 {
		return sc.Examples[0]
	}
	if len(sc.Enum) > 0 {
		words := make([]string, 0, len(sc.Enum))
		for _, v := range sc.Enum {
			if w, ok := v.(string); ok && w != "" {
				words = append(words, w)
			}
		}
		return strings.Join(words, " | ")
	}
	switch sc.Type {
	case "object":
		out := map[string]any{}
		for name, p := range sc.Properties {
			out[name] = sample(api, p, depth+1)
		}
		return out
	case "array":
		return []any{sample(api, sc.Items, depth+1)}
	case "integer", "number":
		return 0
	case "boolean":
		return false
	}
	if sc.Format != "" {
		return sc.Format
	}
	return "…"
}
