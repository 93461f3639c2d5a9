using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>Writes what <see cref="MatrixReader"/> reads. See <see cref="MatrixJson.Write"/>.</summary>
internal static class MatrixWriter
{
    public static void Document(MatrixDocument document, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("default", MatrixWords.Of(document.Default));
        json.WriteStartArray("boundaries");
        foreach (var boundary in document.Boundaries) Boundary(boundary, json);
        json.WriteEndArray();
        json.WriteStartArray("rules");
        foreach (var rule in document.Rules) Rule(rule, json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Conditions(IReadOnlyList<Condition> conditions, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (var condition in conditions)
        {
            json.WriteStartObject();
            json.WriteString("field", condition.Field);
            if (condition.Each is { } each) json.WriteString("each", MatrixWords.Eaches[each]);
            json.WriteString("op", MatrixWords.Of(condition.Op));
            if (condition.Value is { } value)
            {
                json.WritePropertyName("value");
                value.WriteTo(json);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public static void Boundary(Boundary boundary, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("action", boundary.Action);
        Scope(boundary.Resource, boundary.When, json);
        if (boundary.Reason.Length > 0) json.WriteString("reason", boundary.Reason);
        json.WriteEndObject();
    }

    public static void Rule(MatrixRule rule, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", rule.Id);
        json.WriteString("action", rule.Action);
        Scope(rule.Resource, rule.When, json);
        json.WriteString("effect", MatrixWords.Effects[rule.Effect]);
        json.WriteString("consequence", MatrixWords.Consequences[rule.Consequence]);
        Texts("classes", rule.Classes, json);
        json.WriteBoolean("reversible", rule.Reversible);
        Texts("exceptions", rule.Exceptions, json);
        json.WriteString("outcome", MatrixWords.Of(rule.Outcome));
        Texts("approvers", rule.Approvers, json);
        if (rule.Quorum != 1) json.WriteNumber("quorum", rule.Quorum);
        if (rule.Order != ApprovalOrder.Any) json.WriteString("order", MatrixWords.Orders[rule.Order]);
        if (rule.Sla != MatrixRule.DefaultSla) json.WriteString("sla", IsoDuration.Write(rule.Sla));
        if (rule.OnExpiry != OnExpiry.Deny) json.WriteString("on_expiry", MatrixWords.Expiries[rule.OnExpiry]);
        Texts("escalate_to", rule.EscalateTo, json);
        if (rule.Window != MatrixRule.DefaultWindow) json.WriteString("window", IsoDuration.Write(rule.Window));
        if (rule.Confirm != Confirm.None) json.WriteString("confirm", MatrixWords.Confirms[rule.Confirm]);
        if (rule.Claim) json.WriteBoolean("claim", true);
        if (rule.Hold is { } hold) json.WriteString("hold", IsoDuration.Write(hold));
        if (rule.ValidFor != MatrixRule.DefaultValidFor) json.WriteString("valid_for", IsoDuration.Write(rule.ValidFor));
        if (rule.Note is { } note) json.WriteString("note", note);
        json.WriteEndObject();
    }

    private static void Scope(ResourcePattern? resource, IReadOnlyList<Condition> when, Utf8JsonWriter json)
    {
        if (resource is not null)
        {
            json.WriteStartObject("resource");
            if (resource.Type is { } type) json.WriteString("type", type);
            if (resource.Id is { } id) json.WriteString("id", id);
            json.WriteEndObject();
        }
        if (when.Count == 0) return;
        json.WritePropertyName("when");
        Conditions(when, json);
    }

    private static void Texts(string name, IReadOnlyList<string> texts, Utf8JsonWriter json)
    {
        if (texts.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
