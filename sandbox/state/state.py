"""Starts moto as the account's state: python state.py <managed policies, comma-separated> <moto_server arguments>.

Here is only what the gateway cannot correct from outside, because it is not reachable through any call.
"""

import copy
import json
import os
import sys
import threading

import moto.dynamodb.models as dynamodb
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


class WithoutTables:
    """In place of `copy` where moto copies the whole table for each item of a transaction, to put it back."""

    @staticmethod
    def deepcopy(what):
        return what if isinstance(what, dynamodb.Table) else copy.deepcopy(what)


def touched_by(backend, transact_item):
    """What an item of a transaction touches, as it is before: table, keys, and a copy of it, or None where there is none."""
    operation = next(iter(transact_item.values()))
    table = backend.tables.get(operation.get("TableName"))
    key = operation.get("Key") or operation.get("Item") or {}
    names = [name for name in (table.hash_key_attr, table.range_key_attr) if name] if table else []
    # Whatever lacks a key is refused by moto before anything changes.
    if not names or not all(name in key for name in names):
        return None
    keys = [dynamodb.DynamoType(key[name]) for name in names]
    return table, keys, copy.deepcopy(table.get_item(*keys))


def put_back(table, keys, item):
    if item is None:
        table.delete_item(keys[0], keys[1] if len(keys) > 1 else None)
    elif len(keys) > 1:
        table.items[keys[0]][keys[1]] = item
    else:
        table.items[keys[0]] = item


transact_all = dynamodb.DynamoDBBackend.transact_write_items


def transact_write_items(self, transact_items):
    """All or nothing, at a cost that does not grow with the table."""
    touched = [one for one in (touched_by(self, item) for item in transact_items) if one]
    try:
        transact_all(self, transact_items)
    except Exception:
        for one in touched:
            put_back(*one)
        raise


def leave_with_parent():
    """The parent holds the other end of stdin: it closes also when the parent is killed."""
    sys.stdin.buffer.read()
    os._exit(0)


# An interface's groups are its own; moto adds those of its instance.
NetworkInterface.group_set = property(lambda self: self._group_set)
SecurityGroupBackend._verify_group_will_respect_rule_count_limit = no_limit
SecurityGroupBackend.modify_security_group_rules = modify_security_group_rules
Instance.terminate = terminate
dynamodb.copy = WithoutTables
dynamodb.DynamoDBBackend.transact_write_items = transact_write_items
keep_managed_policies(set(sys.argv[1].split(",")))
threading.Thread(target=leave_with_parent, daemon=True).start()
main(sys.argv[2:])
