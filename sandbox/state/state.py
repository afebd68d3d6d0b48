"""Starts moto as the account's state: python state.py <managed policies, comma-separated> <moto_server arguments>.

Here is only what the gateway cannot correct from outside, because it is not reachable through any call.
"""

import json
import os
import sys
import threading

import moto.iam.models as iam
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.server import main


def keep_managed_policies(names):
    """All 1,582 managed policies would make every reset take two seconds."""
    policies = json.loads(iam.aws_managed_policies_data)
    kept = {name: policy for name, policy in policies.items() if name in names}
    iam.aws_managed_policies_data = json.dumps(kept)


def modify_security_group_rules(self, group_id, rules):
    """A changed rule keeps its id; moto changes IPv4 rules only. The gateway has checked the change before."""
    group = self.get_security_group_by_name_or_id(group_id)
    for rule_id, new in rules.items():
        rule = group.get_rule(rule_id)
        sources = {"CidrIp": new.get("CidrIpv4"), "CidrIpv6": new.get("CidrIpv6"), "Description": new.get("Description")}
        rule.ip_protocol = new["IpProtocol"]
        rule.from_port, rule.to_port = new.get("FromPort"), new.get("ToPort")
        rule.ip_range = {key: value for key, value in sources.items() if value is not None}
        rule.prefix_list_id = new.get("PrefixListId")
        if new.get("ReferencedGroupId"):
            rule.source_group = {**rule.source_group, "GroupId": new["ReferencedGroupId"]}


def no_limit(*args, **kwargs):
    """The gateway has counted the rules, each address family by itself; moto counts both as one."""


terminate_instance = Instance.terminate


def terminate(self, *args, **kwargs):
    """Interfaces that came with the instance go with it, others are free again; moto leaves them in use."""
    previous = terminate_instance(self, *args, **kwargs)
    for index, interface in list(self.nics.items()):
        if index == 0 or interface.delete_on_termination:
            self.ec2_backend.enis.pop(interface.id, None)
        else:
            self.detach_nic(interface)
    return previous


def leave_with_parent():
    """The parent holds the other end of stdin: it closes also when the parent is killed."""
    sys.stdin.buffer.read()
    os._exit(0)


# An interface's groups are its own; moto adds those of its instance.
NetworkInterface.group_set = property(lambda self: self._group_set)
SecurityGroupBackend._verify_group_will_respect_rule_count_limit = no_limit
SecurityGroupBackend.modify_security_group_rules = modify_security_group_rules
Instance.terminate = terminate
keep_managed_policies(set(sys.argv[1].split(",")))
threading.Thread(target=leave_with_parent, daemon=True).start()
main(sys.argv[2:])
