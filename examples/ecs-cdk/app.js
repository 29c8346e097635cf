// SPDX-License-Identifier: MIT
'use strict';
const cdk = require('aws-cdk-lib');
const ec2 = require('aws-cdk-lib/aws-ec2');
const ecr = require('aws-cdk-lib/aws-ecr');
const ecs = require('aws-cdk-lib/aws-ecs');
const patterns = require('aws-cdk-lib/aws-ecs-patterns');

const { seconds } = cdk.Duration;
const healthPort = 5278; // lastcall answers /healthcheck here

class Shop extends cdk.Stack {
	constructor(scope, id) {
		super(scope, id);
		const task = new ecs.FargateTaskDefinition(this, 'Task', { cpu: 256, memoryLimitMiB: 512 });
		task.addContainer('shop', {
			// Lever 1, a small image: Fargate pulls it for each new task.
			image: ecs.ContainerImage.fromEcrRepository(
				ecr.Repository.fromRepositoryName(this, 'Repository', 'shop'), '1.4.2'),
			// Lever 6, the reaction to SIGTERM: lastcall lets requests finish, and exits before SIGKILL.
			entryPoint: ['/usr/local/bin/lastcall', '--'],
			command: ['python3', '/srv/server.py'],
			stopTimeout: seconds(60),
			environment: { LASTCALL_STOP_TIMEOUT: '60s' }, // the same: a container cannot query stopTimeout
			healthCheck: {
				command: ['CMD', '/usr/local/bin/lastcall', '--healthcheck'],
				interval: seconds(5), timeout: seconds(4), retries: 3,
			},
			portMappings: [{ containerPort: 8080 }, { containerPort: healthPort }],
			logging: ecs.LogDrivers.awsLogs({
				streamPrefix: 'shop',
				mode: ecs.AwsLogDriverMode.NON_BLOCKING, maxBufferSize: cdk.Size.mebibytes(25),
			}),
		});
		const service = new patterns.ApplicationLoadBalancedFargateService(this, 'Service', {
			vpc: vpcOf(this), taskDefinition: task, desiredCount: 10,
			// Lever 2, the percentages: all new tasks start at once, and no old task stops before.
			minHealthyPercent: 100, maxHealthyPercent: 200,
			// Lever 3, the circuit breaker: a revision whose tasks fail is rolled back.
			circuitBreaker: { enable: true, rollback: true },
			healthCheckGracePeriod: seconds(30),
		});
		// Lever 4, the health check: a new task is found healthy within 5 s, a failing one within 15 s.
		service.targetGroup.configureHealthCheck({
			path: '/healthcheck', port: String(healthPort), interval: seconds(5), timeout: seconds(4),
			healthyThresholdCount: 2, unhealthyThresholdCount: 3,
		});
		service.service.connections.allowFrom(service.loadBalancer, ec2.Port.tcp(healthPort), 'health check');
		// Lever 5, connection draining: somewhat longer than the longest request.
		service.targetGroup.setAttribute('deregistration_delay.timeout_seconds', '30');
	}
}

// Made-up identifiers: nothing is looked up, and no account is needed.
function vpcOf(stack) {
	const subnets = ['1', '2', '3', '4'].map(n => `subnet-0123456789abcdef${n}`);
	const tables = ['1', '2', '3', '4'].map(n => `rtb-0123456789abcdef${n}`);
	return ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
		vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['eu-west-3a', 'eu-west-3b'],
		publicSubnetIds: subnets.slice(0, 2), publicSubnetRouteTableIds: tables.slice(0, 2),
		privateSubnetIds: subnets.slice(2), privateSubnetRouteTableIds: tables.slice(2),
	});
}

const app = new cdk.App();
new Shop(app, 'Shop');
app.synth();
