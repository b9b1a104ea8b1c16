package s3

import (
	"context"
	"errors"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// Kinds of errors, for errors.Is.
var (
	ErrNotFound    = errors.New("not found")
	ErrDenied      = errors.New("denied")
	ErrCredentials = errors.New("no usable credentials")
	ErrArchived    = errors.New("archived")
	ErrChanged     = errors.New("replaced during the download")
	ErrUnavailable = errors.New("unavailable")
)

// Error is a failed S3 operation in words that say what to do next.
type Error struct {
	Op   string // "list", "get"
	URI  string // s3://bucket/key
	Kind error  // one of the kinds above
	What string // what happened, in a sentence without a full stop
	Hint string // what to do, may be empty
	Err  error  // the SDK's error, may be nil
}

// Error gives one line: what failed on which object, why, and what to do.
func (e *Error) Error() string {
	s := e.Op + " " + e.URI + ": " + e.What
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Unwrap gives the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

const credentialsHint = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary ones), or run with a role"

// explain turns an SDK error into an Error. Cancellation passes unchanged.
func explain(ctx context.Context, op, bucket, key string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	e := &Error{Op: op, URI: "s3://" + bucket + "/" + key, Kind: ErrUnavailable, Err: err}
	permission := "s3:ListBucket on arn:aws:s3:::" + bucket
	if op == "get" {
		permission = "s3:GetObject on arn:aws:s3:::" + bucket + "/*"
	}
	var api smithy.APIError
	code, message := "", ""
	if errors.As(err, &api) {
		code, message = api.ErrorCode(), api.ErrorMessage()
	}
	status := 0
	var re *awshttp.ResponseError
	if errors.As(err, &re) {
		status = re.HTTPStatusCode()
	}
	switch code {
	case "NoSuchBucket":
		e.Kind, e.What, e.Hint = ErrNotFound, "the bucket does not exist", "check the name, --region and --endpoint-url"
		return e
	case "NoSuchKey", "NotFound":
		e.Kind, e.What = ErrNotFound, "the object is gone"
		return e
	case "AccessDenied", "Forbidden", "AllAccessDisabled":
		e.Kind, e.What = ErrDenied, "access denied"
		e.Hint = "the identity needs " + permission + " (and kms:Decrypt when the objects are encrypted with a customer key; --requester-pays when the bucket asks for it)"
		return e
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "AuthFailure", "InvalidClientTokenId":
		e.Kind, e.What = ErrCredentials, "the server does not accept the access key or its secret ("+code+")"
		e.Hint = credentialsHint
		return e
	case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired":
		e.Kind, e.What, e.Hint = ErrCredentials, "the temporary credentials have expired", "sign in again, for example with aws sso login"
		return e
	case "RequestTimeTooSkewed":
		e.Kind, e.What, e.Hint = ErrCredentials, "the clock of this machine is wrong", "set it; signatures are good for 15 minutes"
		return e
	case "InvalidObjectState":
		e.Kind, e.What = ErrArchived, "the object is archived (Glacier or an archive tier)"
		e.Hint = "restore it first: aws s3api restore-object --bucket " + bucket + " --key '" + key + "' --restore-request Days=7"
		return e
	case "PreconditionFailed":
		e.Kind, e.What, e.Hint = ErrChanged, "the object was replaced while it was read", "list again to take in the new version"
		return e
	}
	text := err.Error()
	switch {
	case status == 403:
		e.Kind, e.What, e.Hint = ErrDenied, "access denied", "the identity needs "+permission
	case status == 412:
		e.Kind, e.What, e.Hint = ErrChanged, "the object was replaced while it was read", "list again to take in the new version"
	case status == 404:
		e.Kind, e.What = ErrNotFound, "not found"
	case strings.Contains(text, "get credentials"), strings.Contains(text, "failed to refresh cached credentials"),
		strings.Contains(text, "get identity"):
		e.Kind, e.What, e.Hint = ErrCredentials, "no AWS credentials found", credentialsHint
	case code != "":
		e.What = code + ": " + message
	case strings.Contains(text, "invalid character '<'"), strings.Contains(text, "deserialization failed"):
		e.What, e.Hint = "the answer is not from an S3 server", "check --endpoint-url"
	default:
		e.What = text
	}
	return e
}
