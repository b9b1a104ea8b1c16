package compress

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zip"
	"github.com/klauspost/compress/zstd"
)

// wrapDecode gives an error of a decompressor its kind. sourceErr is what the
// object's own reader last failed with: such an error (network, disk, context)
// is passed on and never mistaken for damage.
func wrapDecode(what string, err, sourceErr error) error {
	if err == nil || err == io.EOF {
		return err
	}
	if sourceErr != nil {
		return fmt.Errorf("read %s object: %w", what, sourceErr)
	}
	for _, own := range []error{ErrTruncated, ErrCorrupt, ErrTooLarge, ErrNested, ErrUnsupported} {
		if errors.Is(err, own) {
			return err
		}
	}
	kind := ErrCorrupt
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		kind = ErrTruncated
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		kind = ErrTooLarge
	case errors.Is(err, zip.ErrAlgorithm):
		kind = ErrUnsupported
	}
	return fmt.Errorf("%w: %s: %w", kind, what, err)
}
