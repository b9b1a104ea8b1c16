package cloudtrail

import (
	"strings"

	"ashiato/internal/decode"
	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

var rules = []event.Rule{
	{From: []string{"source_address"}, To: []string{"source_ip"}, Fn: func(a *event.Args) { a.Set(0, a.Str(0)) }},
	{From: []string{"insight_details"}, To: []string{"event_action", "event_provider"}, Fn: func(a *event.Args) {
		if d := a.Bytes(0); d != nil {
			a.Set(0, string(decode.JSONPath(d, "eventName")))
			a.Set(1, string(decode.JSONPath(d, "eventSource")))
		}
	}},
	{From: []string{"user_identity_account_id"}, To: []string{"cloud_account_id"}, Fn: func(a *event.Args) { a.Set(0, a.Str(0)) }},
	{From: []string{"event_provider"}, To: []string{"cloud_service_name"}, Fn: func(a *event.Args) {
		name, _ := strings.CutSuffix(a.Str(0), ".amazonaws.com")
		a.Set(0, name)
	}},
	{From: []string{"user_arn", "user_type", "user_identity_user_name", "session_issuer_user_name", "user_identity_invoked_by"},
		To: []string{"user_name", "user_session_name"}, Fn: who},
	{From: []string{"event_provider", "event_action", "error_code", "error_message", "event_type_native", "read_only", "console_login"},
		To: []string{"event_kind", "event_category", "event_type", "event_outcome"}, Fn: classify},
	{From: []string{"event_provider", "event_action", "request_parameters", "response_elements", "resources"},
		To: []string{"resource_arn", "resource_type", "resource_name", "user_target_name", "cloud_instance_id"}, Fn: targets},
}

// who names the acting user: IAM user name, else the session's name, the role, or the service.
func who(a *event.Args) {
	arn, kind, user, issuer, service := a.Str(0), a.Str(1), a.Str(2), a.Str(3), a.Str(4)
	session := ""
	if i := strings.Index(arn, ":assumed-role/"); i >= 0 {
		if _, s, ok := strings.Cut(arn[i+len(":assumed-role/"):], "/"); ok {
			session = s
		}
	}
	a.Set(1, session)
	switch {
	case user != "":
	case kind == "Root":
		user = "root"
	case session != "":
		user = session
	case issuer != "":
		user = issuer
	case strings.Contains(arn, "/"):
		user = arn[strings.LastIndexByte(arn, '/')+1:]
	case service != "":
		user = service
	}
	a.Set(0, user)
}

// classify sets kind, categories, types and outcome. An event is a failure when the service returned
// an error, and when the response of a sign-in says so.
func classify(a *event.Args) {
	source, name, native := a.Str(0), a.Str(1), a.Str(4)
	a.Set(0, "event")
	outcome := "success"
	if a.Bytes(2) != nil || a.Bytes(3) != nil || a.Str(6) == "Failure" {
		outcome = "failure"
	}
	category, types := categoryOf(source, name), typesOf(name, a.Str(5))
	switch {
	case native == "AwsCloudTrailInsight":
		a.Set(0, "alert")
		category, types, outcome = []string{"intrusion_detection"}, []string{"info"}, "unknown"
	case native == "AwsConsoleSignIn" || signIns[name]:
		category, types = []string{"authentication"}, []string{"start"}
		if name == "Logout" || name == "SignOut" {
			types = []string{"end"}
		}
	case source == "iam.amazonaws.com" || source == "identitystore.amazonaws.com" || source == "cognito-idp.amazonaws.com":
		types = append(types, subjectOf(name)...)
	}
	if strings.Contains(a.Str(2), "Denied") || strings.Contains(a.Str(2), "Unauthorized") {
		types = append(types, "denied")
	}
	a.SetList(1, category...)
	a.SetList(2, types...)
	a.Set(3, outcome)
}

// subjectOf says whether an identity call is about a user or a group, as ECS types iam events.
func subjectOf(name string) []string {
	switch {
	case strings.Contains(name, "Group"):
		return []string{"group"}
	case strings.Contains(name, "User") || strings.Contains(name, "AccessKey") || strings.Contains(name, "LoginProfile") || strings.Contains(name, "MFADevice"):
		return []string{"user"}
	}
	return nil
}

var signIns = map[string]bool{
	"ConsoleLogin": true, "CheckMfa": true, "SwitchRole": true, "Logout": true, "SignOut": true, "Authenticate": true, "UserAuthentication": true,
	"AssumeRole": true, "AssumeRoleWithSAML": true, "AssumeRoleWithWebIdentity": true, "AssumeRoot": true, "GetSessionToken": true,
	"GetFederationToken": true, "GetSigninToken": true, "FederatedLogin": true, "Federate": true, "CredentialChallenge": true, "CredentialVerification": true,
}

// categoryOf maps a service to ECS categories (https://www.elastic.co/docs/reference/ecs/ecs-allowed-values-event-category).
func categoryOf(source, name string) []string {
	service, _, _ := strings.Cut(source, ".")
	switch service {
	case "iam", "sso", "sso-directory", "identitystore", "organizations", "cognito-idp", "cognito-identity", "ds", "access-analyzer":
		return []string{"iam"}
	case "sts", "signin":
		return []string{"authentication"}
	case "ec2":
		for _, n := range []string{"Vpc", "Subnet", "SecurityGroup", "Route", "NetworkAcl", "Gateway", "NetworkInterface", "Address", "Vpn"} {
			if strings.Contains(name, n) {
				return []string{"network"}
			}
		}
		return []string{"host"}
	case "elasticloadbalancing", "network-firewall", "route53", "route53resolver", "directconnect", "globalaccelerator", "vpc-lattice":
		return []string{"network"}
	case "wafv2", "waf", "waf-regional", "apigateway", "cloudfront", "appsync", "execute-api":
		return []string{"web"}
	case "s3", "s3express", "efs", "elasticfilesystem", "fsx", "backup", "glacier":
		return []string{"file"}
	case "rds", "rds-data", "dynamodb", "redshift", "redshift-data", "athena", "glue", "elasticache", "docdb-elastic", "dax", "timestream":
		return []string{"database"}
	case "guardduty", "securityhub", "inspector2", "macie2", "detective":
		return []string{"threat"}
	case "ssm", "ssmmessages", "ec2messages", "lightsail":
		return []string{"host"}
	case "lambda", "ecs", "eks", "batch", "codebuild":
		return []string{"process"}
	case "ses", "email":
		return []string{"email"}
	case "kms", "secretsmanager", "cloudtrail", "config", "cloudformation", "logs", "monitoring":
		return []string{"configuration"}
	}
	return []string{"api"}
}

var verbs = []struct {
	prefix string
	types  []string
}{
	{"Create", []string{"creation"}}, {"Run", []string{"creation", "start"}}, {"Put", []string{"change"}}, {"Delete", []string{"deletion"}},
	{"Remove", []string{"deletion"}}, {"Terminate", []string{"deletion", "end"}}, {"Deregister", []string{"deletion"}}, {"Detach", []string{"change"}},
	{"Attach", []string{"change"}}, {"Update", []string{"change"}}, {"Modify", []string{"change"}}, {"Set", []string{"change"}},
	{"Add", []string{"change"}}, {"Enable", []string{"change"}}, {"Disable", []string{"change"}}, {"Authorize", []string{"change", "allowed"}},
	{"Revoke", []string{"change"}}, {"Start", []string{"start"}}, {"Stop", []string{"end"}}, {"Register", []string{"creation"}},
	{"Tag", []string{"change"}}, {"Untag", []string{"change"}}, {"Get", []string{"access"}}, {"List", []string{"access"}},
	{"Describe", []string{"access"}}, {"Head", []string{"access"}}, {"Lookup", []string{"access"}}, {"Decrypt", []string{"access"}},
	{"Invoke", []string{"start"}}, {"Copy", []string{"creation"}}, {"Import", []string{"creation"}}, {"Export", []string{"access"}},
}

func typesOf(name, readOnly string) []string {
	for _, v := range verbs {
		if strings.HasPrefix(name, v.prefix) {
			return append([]string(nil), v.types...)
		}
	}
	if readOnly == "true" {
		return []string{"access"}
	}
	if readOnly == "false" {
		return []string{"change"}
	}
	return []string{"info"}
}

// targetKeys are request parameters that name what was acted on, with the resource type they imply.
var targetKeys = map[string]string{
	"bucketName": "AWS::S3::Bucket", "instanceId": "AWS::EC2::Instance", "functionName": "AWS::Lambda::Function", "roleName": "AWS::IAM::Role",
	"userName": "AWS::IAM::User", "groupName": "AWS::IAM::Group", "policyArn": "AWS::IAM::Policy", "roleArn": "AWS::IAM::Role",
	"secretId": "AWS::SecretsManager::Secret", "keyId": "AWS::KMS::Key", "groupId": "AWS::EC2::SecurityGroup", "snapshotId": "AWS::EC2::Snapshot",
	"imageId": "AWS::EC2::Image", "volumeId": "AWS::EC2::Volume", "vpcId": "AWS::EC2::VPC", "dBInstanceIdentifier": "AWS::RDS::DBInstance",
	"dBSnapshotIdentifier": "AWS::RDS::DBSnapshot", "tableName": "AWS::DynamoDB::Table", "clusterName": "AWS::ECS::Cluster",
	"trailName": "AWS::CloudTrail::Trail", "detectorId": "AWS::GuardDuty::Detector", "logGroupName": "AWS::Logs::LogGroup",
	"parameterName": "AWS::SSM::Parameter", "stackName": "AWS::CloudFormation::Stack", "topicArn": "AWS::SNS::Topic", "queueUrl": "AWS::SQS::Queue",
	"accessKeyId": "AWS::IAM::AccessKey", "target": "AWS::EC2::Instance",
}

func targets(a *event.Args) {
	source := a.Str(0)
	var arns []string
	addARN := func(s string) {
		if !strings.HasPrefix(s, "arn:") || len(arns) >= 32 {
			return
		}
		for _, x := range arns {
			if x == s {
				return
			}
		}
		arns = append(arns, s)
	}
	kind, name, user, instance := "", "", "", ""
	if res := a.Bytes(4); res != nil {
		decode.EachJSONElement(res, func(e []byte) {
			decode.EachJSONMember(e, func(k string, v []byte) bool {
				switch k {
				case "ARN", "arn":
					addARN(string(decode.JSONText(v)))
				case "type":
					if kind == "" {
						kind = string(decode.JSONText(v))
					}
				}
				return true
			})
		})
	}
	params := a.Bytes(2)
	decode.EachJSONMember(params, func(k string, v []byte) bool {
		if len(v) == 0 || v[0] != '"' {
			if k == "instancesSet" {
				instance = string(decode.JSONPath(v, "items[0].instanceId"))
			}
			return true
		}
		t, known := targetKeys[k]
		if !known && (len(v) < 5 || string(v[1:5]) != "arn:") {
			return true
		}
		text := string(decode.JSONText(v))
		addARN(text)
		if !known {
			return true
		}
		if k == "target" && !strings.HasPrefix(text, "i-") {
			return true
		}
		if name == "" {
			name = text
			if kind == "" {
				kind = t
			}
		}
		switch {
		case k == "bucketName" && source == "s3.amazonaws.com":
			addARN("arn:aws:s3:::" + text)
		case k == "userName":
			user = text
		case (k == "instanceId" || k == "target") && strings.HasPrefix(text, "i-"):
			instance = text
		}
		return true
	})
	if instance == "" && source == "ec2.amazonaws.com" {
		instance = string(decode.JSONPath(a.Bytes(3), "instancesSet.items[0].instanceId"))
	}
	a.SetList(0, arns...)
	a.Set(1, kind)
	a.Set(2, name)
	a.Set(3, user)
	a.Set(4, instance)
}

// message says who did what to what, from where, and how it ended.
func message(get logtype.Getter) string {
	var b strings.Builder
	user := get("user_name")
	if user == "" {
		user = "someone"
	}
	b.WriteString(user)
	if t := get("user_type"); t != "" && t != "Root" {
		b.WriteString(" (" + t + ")")
	}
	b.WriteString(" called " + get("event_action"))
	if s := get("cloud_service_name"); s != "" {
		b.WriteString(" of " + s)
	}
	if n := get("resource_name"); n != "" {
		b.WriteString(" on " + n)
	}
	if s := get("source_address"); s != "" {
		b.WriteString(" from " + s)
	}
	switch {
	case get("error_code") != "":
		b.WriteString(": failed with " + get("error_code"))
	case get("event_outcome") == "failure":
		b.WriteString(": failed")
	}
	return b.String()
}
