package bench

// call is the template of one API call. In texts, {name} is replaced as slots says; an empty text is JSON's null.
type call struct {
	weight   int
	service  string // event source without .amazonaws.com
	name     string
	flags    flags
	params   string
	response string
	extra    string // additionalEventData
	resource string // resources
}

type flags uint8

const (
	readOnly flags = 1 << iota
	data           // a data event
	byAWS          // made by an AWS service on behalf of the account
	signIn         // console sign-in
	s3ID           // requestID in S3's form
)

const s3Extra = `{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":{size},{id2}"bytesTransferredOut":{size2}}`
const s3Object = `[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::{bucket}/{key}"},{"accountId":"{account}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::{bucket}"}]`
const s3Bucket = `[{"accountId":"{account}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::{bucket}"}]`
const kmsKey = `[{"accountId":"{account}","type":"AWS::KMS::Key","ARN":"arn:aws:kms:{region}:{account}:key/{kms}"}]`
const ec2OK = `{"requestId":"{uuid}","_return":true}`

// calls are in no order that matters; weights are shares.
var calls = []call{
	{90, "s3", "GetObject", readOnly | data | s3ID, `{"bucketName":"{bucket}","key":"{key}"}`, "", s3Extra, s3Object},
	{55, "s3", "PutObject", data | s3ID, `{"bucketName":"{bucket}","key":"{key}","x-amz-acl":"bucket-owner-full-control"}`, `{"x-amz-server-side-encryption":"aws:kms"}`, s3Extra, s3Object},
	{28, "s3", "HeadObject", readOnly | data | s3ID, `{"bucketName":"{bucket}","key":"{key}"}`, "", s3Extra, s3Object},
	{12, "s3", "DeleteObject", data | s3ID, `{"bucketName":"{bucket}","key":"{key}"}`, "", s3Extra, s3Object},
	{20, "s3", "ListObjects", readOnly | data | s3ID, `{"list-type":"2","bucketName":"{bucket}","prefix":"{store}/","encoding-type":"url","max-keys":"1000"}`, "", s3Extra, s3Bucket},
	{12, "s3", "GetBucketAcl", readOnly | s3ID, `{"bucketName":"{bucket}","Host":"s3.{region}.amazonaws.com","acl":""}`, "", s3Extra, s3Bucket},
	{3, "s3", "PutBucketPolicy", s3ID, `{"bucketName":"{bucket}","policy":"","bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"{role}","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::{account}:role/{role}"},"Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::{bucket}","arn:aws:s3:::{bucket}/*"]}]}}`, "", s3Extra, s3Bucket},
	{2, "s3", "CreateBucket", s3ID, `{"bucketName":"{bucket}","Host":"s3.{region}.amazonaws.com"}`, "", s3Extra, s3Bucket},
	{75, "sts", "AssumeRole", readOnly | byAWS, `{"roleArn":"arn:aws:iam::{account}:role/{role}","roleSessionName":"{session}","durationSeconds":3600}`, `{"credentials":{"accessKeyId":"{asia}","sessionToken":"{token}","expiration":"{later}"},"assumedRoleUser":{"assumedRoleId":"{aroa}:{session}","arn":"arn:aws:sts::{account}:assumed-role/{role}/{session}"}}`, "", `[{"accountId":"{account}","type":"AWS::IAM::Role","ARN":"arn:aws:iam::{account}:role/{role}"}]`},
	{20, "sts", "GetCallerIdentity", readOnly, "", "", "", ""},
	{8, "sts", "AssumeRoleWithWebIdentity", readOnly, `{"roleArn":"arn:aws:iam::{account}:role/{role}","roleSessionName":"{session}","durationSeconds":3600}`, `{"subjectFromWebIdentityToken":"system:serviceaccount:prod:{role}","credentials":{"accessKeyId":"{asia}","sessionToken":"{token}","expiration":"{later}"},"assumedRoleUser":{"assumedRoleId":"{aroa}:{session}","arn":"arn:aws:sts::{account}:assumed-role/{role}/{session}"},"provider":"arn:aws:iam::{account}:oidc-provider/oidc.eks.{region}.amazonaws.com/id/{hex32}","audience":"sts.amazonaws.com"}`, "", ""},
	{45, "ec2", "DescribeInstances", readOnly, `{"maxResults":1000,"instancesSet":{},"filterSet":{"items":[{"name":"instance-state-name","valueSet":{"items":[{"value":"running"}]}}]}}`, "", "", ""},
	{16, "ec2", "DescribeVolumes", readOnly, `{"volumeSet":{"items":[{"volumeId":"{volume}"}]},"filterSet":{}}`, "", "", ""},
	{14, "ec2", "DescribeSecurityGroups", readOnly, `{"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":"{sg}"}]},"filterSet":{}}`, "", "", ""},
	{14, "ec2", "DescribeNetworkInterfaces", readOnly, `{"networkInterfaceIdSet":{},"filterSet":{"items":[{"name":"private-ip-address","valueSet":{"items":[{"value":"{private}"}]}}]}}`, "", "", ""},
	{8, "ec2", "DescribeImages", readOnly, `{"ownersSet":{"items":[{"owner":"self"}]},"imagesSet":{"items":[{"imageId":"{ami}"}]},"filterSet":{},"includeDeprecated":false}`, "", "", ""},
	{7, "ec2", "RunInstances", 0, `{"instancesSet":{"items":[{"imageId":"{ami}","minCount":1,"maxCount":1}]},"instanceType":"{itype}","networkInterfaceSet":{"items":[{"deviceIndex":0,"subnetId":"{subnet}","groupSet":{"items":[{"groupId":"{sg}"}]}}]},"iamInstanceProfile":{"name":"{role}"},"monitoring":{"enabled":true},"metadataOptions":{"httpTokens":"required"}}`, `{"requestId":"{uuid}","reservationId":"r-{hex17}","ownerId":"{account}","groupSet":{},"instancesSet":{"items":[{"instanceId":"{instance}","imageId":"{ami}","currentState":{"code":0,"name":"pending"},"privateIpAddress":"{private}","subnetId":"{subnet}","vpcId":"{vpc}"}]}}`, "", ""},
	{5, "ec2", "TerminateInstances", 0, `{"instancesSet":{"items":[{"instanceId":"{instance}"}]}}`, `{"requestId":"{uuid}","instancesSet":{"items":[{"instanceId":"{instance}","currentState":{"code":32,"name":"shutting-down"},"previousState":{"code":16,"name":"running"}}]}}`, "", ""},
	{3, "ec2", "AuthorizeSecurityGroupIngress", 0, `{"groupId":"{sg}","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":{port},"toPort":{port},"groups":{},"ipRanges":{"items":[{"cidrIp":"{ip}/32","description":"from {user}"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}`, `{"requestId":"{uuid}","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"{account}","groupId":"{sg}","securityGroupRuleId":"sgr-{hex17}","isEgress":false,"ipProtocol":"tcp","fromPort":{port},"toPort":{port},"cidrIpv4":"{ip}/32"}]}}`, "", ""},
	{6, "ec2", "CreateTags", 0, `{"resourcesSet":{"items":[{"resourceId":"{instance}"}]},"tagSet":{"items":[{"key":"Name","value":"{role}"},{"key":"owner","value":"{user}"}]}}`, ec2OK, "", ""},
	{4, "ec2", "CreateSnapshot", 0, `{"volumeId":"{volume}","description":"nightly {role}"}`, `{"requestId":"{uuid}","snapshotId":"{snapshot}","volumeId":"{volume}","status":"pending","ownerId":"{account}","volumeSize":"100","description":"nightly {role}","encrypted":true}`, "", ""},
	{1, "ec2", "ModifySnapshotAttribute", 0, `{"snapshotId":"{snapshot}","createVolumePermission":{"add":{"items":[{"userId":"{account}"}]}},"attributeType":"CREATE_VOLUME_PERMISSION"}`, ec2OK, "", ""},
	{6, "ec2", "AttachVolume", 0, `{"volumeId":"{volume}","instanceId":"{instance}","device":"/dev/sdf","deleteOnTermination":false}`, `{"requestId":"{uuid}","volumeId":"{volume}","instanceId":"{instance}","device":"/dev/sdf","status":"attaching"}`, "", ""},
	{5, "iam", "GetUser", readOnly, `{"userName":"{user}"}`, "", "", ""},
	{8, "iam", "GetRole", readOnly, `{"roleName":"{role}"}`, "", "", ""},
	{7, "iam", "ListAttachedRolePolicies", readOnly, `{"roleName":"{role}"}`, "", "", ""},
	{5, "iam", "ListAccessKeys", readOnly, `{"userName":"{user}"}`, "", "", ""},
	{1, "iam", "CreateUser", 0, `{"userName":"{user}","tags":[{"key":"team","value":"{store}"}]}`, `{"user":{"path":"/","userName":"{user}","userId":"{aida}","arn":"arn:aws:iam::{account}:user/{user}","createDate":"{when}"}}`, "", ""},
	{2, "iam", "CreateAccessKey", 0, `{"userName":"{user}"}`, `{"accessKey":{"userName":"{user}","accessKeyId":"{akia}","status":"Active","createDate":"{when}"}}`, "", ""},
	{2, "iam", "AttachRolePolicy", 0, `{"roleName":"{role}","policyArn":"arn:aws:iam::{account}:policy/{policy}"}`, "", "", ""},
	{1, "iam", "PutUserPolicy", 0, `{"userName":"{user}","policyName":"{policy}","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::{bucket}/*\"}]}"}`, "", "", ""},
	{1, "iam", "UpdateAssumeRolePolicy", 0, `{"roleName":"{role}","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::{account}:root\"},\"Action\":\"sts:AssumeRole\"}]}"}`, "", "", ""},
	{85, "kms", "Decrypt", readOnly, `{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::{bucket}/{key}"},"keyId":"arn:aws:kms:{region}:{account}:key/{kms}","encryptionAlgorithm":"SYMMETRIC_DEFAULT"}`, "", "", kmsKey},
	{45, "kms", "GenerateDataKey", readOnly, `{"keySpec":"AES_256","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::{bucket}/{key}"},"keyId":"arn:aws:kms:{region}:{account}:key/{kms}"}`, "", `{"keyMaterialId":"{hex64}"}`, kmsKey},
	{8, "kms", "DescribeKey", readOnly, `{"keyId":"{kms}"}`, "", "", kmsKey},
	{1, "kms", "ScheduleKeyDeletion", 0, `{"keyId":"{kms}","pendingWindowInDays":30}`, `{"keyId":"arn:aws:kms:{region}:{account}:key/{kms}","deletionDate":"{later}","keyState":"PendingDeletion","pendingWindowInDays":30}`, "", kmsKey},
	{40, "lambda", "Invoke", data, `{"functionName":"arn:aws:lambda:{region}:{account}:function:{function}","invocationType":"RequestResponse"}`, "", `{"functionVersion":"arn:aws:lambda:{region}:{account}:function:{function}:$LATEST"}`, `[{"accountId":"{account}","type":"AWS::Lambda::Function","ARN":"arn:aws:lambda:{region}:{account}:function:{function}"}]`},
	{9, "lambda", "GetFunction20150331v2", readOnly, `{"functionName":"{function}"}`, "", "", ""},
	{3, "lambda", "UpdateFunctionCode20150331v2", 0, `{"functionName":"{function}","dryRun":false,"publish":false,"s3Bucket":"{bucket}","s3Key":"{key}"}`, `{"functionName":"{function}","functionArn":"arn:aws:lambda:{region}:{account}:function:{function}","runtime":"python3.12","role":"arn:aws:iam::{account}:role/{role}","handler":"main.handler","codeSize":48211,"timeout":30,"memorySize":512,"lastModified":"{when}","version":"$LATEST","packageType":"Zip","architectures":["arm64"]}`, "", ""},
	{45, "logs", "CreateLogStream", 0, `{"logGroupName":"{group}","logStreamName":"2026/10/{stream}"}`, "", "", ""},
	{6, "logs", "CreateLogGroup", 0, `{"logGroupName":"{group}"}`, "", "", ""},
	{14, "logs", "DescribeLogGroups", readOnly, `{"logGroupNamePrefix":"{group}","limit":50}`, "", "", ""},
	{2, "logs", "PutRetentionPolicy", 0, `{"logGroupName":"{group}","retentionInDays":90}`, "", "", ""},
	{24, "secretsmanager", "GetSecretValue", readOnly, `{"secretId":"arn:aws:secretsmanager:{region}:{account}:secret:{secret}-{sixth}","versionStage":"AWSCURRENT"}`, "", "", ""},
	{5, "secretsmanager", "DescribeSecret", readOnly, `{"secretId":"{secret}"}`, "", "", ""},
	{1, "secretsmanager", "PutSecretValue", 0, `{"secretId":"{secret}","clientRequestToken":"{uuid}"}`, `{"arn":"arn:aws:secretsmanager:{region}:{account}:secret:{secret}-{sixth}"}`, "", ""},
	{8, "signin", "ConsoleLogin", signIn, "", `{"ConsoleLogin":"Success"}`, `{"LoginTo":"https://console.aws.amazon.com/console/home?region={region}&state=hashArgs%23&isauthcode=true","MobileVersion":"No","MFAIdentifier":"arn:aws:iam::{account}:mfa/{user}","MFAUsed":"Yes"}`, ""},
	{10, "cloudtrail", "LookupEvents", readOnly, `{"maxResults":50,"lookupAttributes":[{"attributeKey":"Username","attributeValue":"{user}"}]}`, "", "", ""},
	{1, "cloudtrail", "StopLogging", 0, `{"name":"arn:aws:cloudtrail:{region}:{account}:trail/organization"}`, "", "", ""},
	{12, "monitoring", "DescribeAlarms", readOnly, `{"maxRecords":100,"alarmNamePrefix":"{role}"}`, "", "", ""},
}
