// SPDX-License-Identifier: MIT
/* Calls grpc.health.v1.Health/Check twice on one connection (@grpc/grpc-js), and prints the message in hexadecimal,
 * or the code and the details: node grpc_check.js ADDRESS. */
"use strict";
const grpc = require("@grpc/grpc-js");

const same = (value) => value;
const client = new grpc.Client(process.argv[2], grpc.credentials.createInsecure());

function check(then) {
	client.makeUnaryRequest("/grpc.health.v1.Health/Check", same, same, Buffer.alloc(0),
		(error, message) => {
			console.log(error ? `${error.code} ${error.details}` : message.toString("hex"));
			then();
		});
}

check(() => check(() => client.close()));
