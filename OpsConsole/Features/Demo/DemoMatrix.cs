namespace OpsConsole.Features.Demo;

/// <summary>The authority matrix of the demo: a support-operations agent that keeps the CRM in order, refunds and writes to customers.</summary>
internal static class DemoMatrix
{
    public const string Json = """
    {
      "default": "deny",
      "boundaries": [
        { "action": "payment.*", "reason": "the agent never moves money outside refunds in version 1" },
        { "action": "crm.contact.delete", "reason": "customer records are never deleted by an agent" },
        { "action": "message.send", "when": [{ "field": "arguments.recipients", "each": "any", "op": "ends_with", "value": "@press.example" }], "reason": "nobody but communications writes to the press" }
      ],
      "rules": [
        { "id": "R-1", "action": "crm.contact.get", "effect": "read", "consequence": "low", "outcome": "allow", "note": "Reading a contact of the case" },
        { "id": "R-2", "action": "order.get", "effect": "read", "consequence": "low", "outcome": "allow" },
        { "id": "R-3", "action": "crm.contact.update", "when": [{ "field": "arguments.field", "op": "in", "value": ["phone", "language", "tag"] }], "consequence": "low", "classes": ["data_quality"], "reversible": true, "outcome": "allow", "note": "Harmless fields, undone in a click" },
        { "id": "R-4", "action": "crm.contact.update", "consequence": "high", "classes": ["customer", "data_quality"], "reversible": true, "outcome": "approve", "approvers": ["group:support-leads"], "sla": "PT20M", "note": "Names, addresses and e-mails identify people" },
        { "id": "R-11", "action": "refund.create", "resource": { "type": "order" }, "when": [{ "field": "arguments.amount", "op": ">", "value": 1000 }], "consequence": "high", "classes": ["revenue", "customer"], "reversible": true, "outcome": "approve", "approvers": ["group:support-leads", "user:mara@demo.example"], "quorum": 2, "order": "sequence", "sla": "PT30M", "on_expiry": "escalate", "escalate_to": ["user:omar@demo.example"], "claim": true, "note": "Refunds over 1,000 need a lead, then finance" },
        { "id": "R-12", "action": "refund.create", "resource": { "type": "order" }, "when": [{ "field": "arguments.amount", "op": ">", "value": 200 }], "consequence": "high", "classes": ["revenue"], "reversible": true, "outcome": "approve", "approvers": ["group:support-leads"], "sla": "PT15M", "note": "Refunds over 200 need a team lead" },
        { "id": "R-13", "action": "refund.create", "resource": { "type": "order" }, "when": [{ "field": "arguments.amount", "op": "<=", "value": 200 }, { "field": "arguments.currency", "op": "=", "value": "EUR" }], "consequence": "low", "classes": ["revenue"], "reversible": true, "outcome": "allow", "window": "PT24H", "note": "Small refunds can be reversed for a day" },
        { "id": "R-21", "action": "message.send", "consequence": "high", "classes": ["customer"], "reversible": false, "outcome": "approve", "approvers": ["group:support-leads"], "sla": "PT10M", "note": "What reaches a customer cannot be taken back" },
        { "id": "R-31", "action": "ticket.close", "consequence": "low", "classes": ["customer"], "reversible": true, "outcome": "allow" }
      ]
    }
    """;

    /// <summary>What that agent can ask for at all.</summary>
    public const string Catalogue = """
    [
      { "action": "crm.contact.get", "description": "Read a contact of the case", "effect": "read", "consequence": "low", "owner": "group:support-leads", "arguments_schema": { "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } } },
      { "action": "crm.contact.update", "description": "Change one field of a contact", "effect": "write", "consequence": "low", "classes": ["customer", "data_quality"], "reversible": true, "owner": "group:support-leads", "arguments_schema": { "type": "object", "required": ["field", "value"], "properties": { "field": { "type": "string", "enum": ["phone", "language", "tag", "name", "address", "email"] }, "value": { "type": "string" } } } },
      { "action": "crm.contact.delete", "description": "Delete a contact for good", "effect": "write", "consequence": "high", "classes": ["customer", "compliance"], "owner": "group:support-leads" },
      { "action": "message.send", "description": "Write to customers", "effect": "write", "consequence": "high", "classes": ["customer"], "owner": "group:support-leads", "arguments_schema": { "type": "object", "required": ["recipients", "body"], "properties": { "recipients": { "type": "array", "items": { "type": "string" } }, "subject": { "type": "string" }, "body": { "type": "string" } } } },
      { "action": "order.get", "description": "Read an order", "effect": "read", "consequence": "low", "owner": "group:support-leads" },
      { "action": "payment.transfer", "description": "Move money between accounts", "effect": "write", "consequence": "high", "classes": ["revenue", "compliance"], "owner": "group:support-leads" },
      { "action": "refund.create", "description": "Give money back for an order", "effect": "write", "consequence": "low", "classes": ["revenue", "customer"], "reversible": true, "owner": "group:support-leads", "arguments_schema": { "type": "object", "required": ["amount", "currency"], "properties": { "order": { "type": "string" }, "amount": { "type": "number", "minimum": 0 }, "currency": { "type": "string", "enum": ["EUR", "USD"] }, "reason": { "type": "string" } } } },
      { "action": "ticket.close", "description": "Close a ticket", "effect": "write", "consequence": "low", "classes": ["customer"], "reversible": true, "owner": "group:support-leads" }
    ]
    """;
}
