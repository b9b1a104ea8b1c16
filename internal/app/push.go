package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"ashiato/internal/ingest"
	"ashiato/internal/logtype"
	"ashiato/internal/service"
	"ashiato/internal/source"
	"ashiato/internal/web"
)

// pushed are objects in memory.
func pushed(objects []web.PushObject) []source.Object {
	out := make([]source.Object, 0, len(objects))
	for _, o := range objects {
		out = append(out, inMemory(o.URI, o.Key, o.Data))
	}
	return out
}

func inMemory(uri, key string, data []byte) source.Object {
	return source.Object{URI: uri, Key: key, Size: int64(len(data)), ModTime: time.Now(),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

// push takes in objects in one commit. An object that cannot be read fails the whole.
func (a *App) push(ctx context.Context, workspace, logType string, objects []source.Object) (service.IngestResult, error) {
	var failed *service.ObjectError
	r := newReporter(func(x service.IngestReport) {
		if x.Failed != nil {
			failed = x.Failed
		}
	})
	in, release, err := a.writer(ctx, workspace, r)
	if err != nil {
		return service.IngestResult{}, err
	}
	defer release()
	res, err := takeIn(ctx, in, ingest.Options{Type: logType, Workers: 1}, &listing{fixed: objects}, r)
	if err == nil && failed != nil {
		err = &service.Error{Kind: service.Internal, Message: fmt.Sprintf("%s could not be taken in: %s", failed.URI, failed.Message)}
	}
	return res, err
}

// demo takes the samples of all log types into the default workspace.
func (a *App) demo(ctx context.Context, say func(string, ...any)) {
	objects, err := sampleObjects()
	if err == nil {
		var res service.IngestResult
		if res, err = a.push(ctx, DefaultWorkspace, "", objects); err == nil {
			say("demo: %d events of %d samples are in workspace %s", res.Events, res.Objects+res.Known, DefaultWorkspace)
		}
	}
	if err != nil && ctx.Err() == nil {
		say("demo: %v", err)
	}
}

// sampleObjects are the samples that lie beside the log types.
func sampleObjects() ([]source.Object, error) {
	var out []source.Object
	err := fs.WalkDir(logtype.Samples, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".golden") {
			return err
		}
		data, err := logtype.Samples.ReadFile(name)
		if err != nil {
			return err
		}
		key := path.Dir(path.Dir(name)) + "/" + path.Base(name)
		out = append(out, inMemory("sample:"+key, key, data))
		return nil
	})
	return out, err
}
