using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>The fields of a matrix, one method per kind of row. See <see cref="MatrixJson"/>.</summary>
internal sealed class MatrixReader : StrictReader
{
    private const int MaxId = 64, MaxReference = 200, MaxNote = 4_000;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromDays(3650);

    private static readonly string[] DocumentFields = ["default", "boundaries", "rules"];
    private static readonly string[] BoundaryFields = ["action", "resource", "when", "reason"];
    private static readonly string[] ResourceFields = ["type", "id"];
    private static readonly string[] ConditionFields = ["field", "each", "op", "value"];
    private static readonly string[] RuleFields =
    [
        "id", "action", "resource", "when", "effect", "consequence", "classes", "reversible", "exceptions", "outcome", "approvers", "quorum",
        "order", "sla", "on_expiry", "escalate_to", "window", "confirm", "claim", "hold", "valid_for", "note",
    ];

    public MatrixDocument Document(JsonElement body)
    {
        if (!Fields(body, "", DocumentFields)) return MatrixDocument.Empty;
        return new MatrixDocument
        {
            Default = Word(body, "", "default", MatrixWords.Defaults, DefaultOutcome.Deny),
            Boundaries = List(Optional(body, "boundaries"), "boundaries", MatrixJson.MaxRows, Boundary),
            Rules = List(Optional(body, "rules"), "rules", MatrixJson.MaxRows, Rule),
        };
    }

    public IReadOnlyList<Condition> Conditions(JsonElement? list, string path) =>
        List(list is { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } ? null : list, path, MaxList, Condition);

    private Boundary Boundary(JsonElement row, string path)
    {
        if (!Fields(row, path, BoundaryFields)) return new Boundary { Action = "*" };
        return new Boundary
        {
            Action = Action(row, path),
            Resource = Resource(row, path),
            When = Conditions(Optional(row, "when"), Join(path, "when")),
            Reason = OptionalText(row, path, "reason") ?? "",
        };
    }

    private MatrixRule Rule(JsonElement row, string path)
    {
        if (!Fields(row, path, RuleFields)) return new MatrixRule { Id = "", Action = "*", Outcome = RuleOutcome.Deny };
        return new MatrixRule
        {
            Id = Id(row, path),
            Action = Action(row, path),
            Resource = Resource(row, path),
            When = Conditions(Optional(row, "when"), Join(path, "when")),
            Effect = Word(row, path, "effect", MatrixWords.Effects, Effect.Write),
            Consequence = Word(row, path, "consequence", MatrixWords.Consequences, Consequence.High),
            Classes = List(Optional(row, "classes"), Join(path, "classes"), MaxList, Class),
            Reversible = Flag(row, path, "reversible"),
            Exceptions = Texts(row, path, "exceptions"),
            Outcome = RequiredWord(row, path, "outcome", MatrixWords.Outcomes),
            Approvers = Texts(row, path, "approvers"),
            Quorum = Whole(row, path, "quorum", 1, MaxList, 1),
            Order = Word(row, path, "order", MatrixWords.Orders, ApprovalOrder.Any),
            Sla = Duration(row, path, "sla", Second, Longest) ?? MatrixRule.DefaultSla,
            OnExpiry = Word(row, path, "on_expiry", MatrixWords.Expiries, OnExpiry.Deny),
            EscalateTo = Texts(row, path, "escalate_to"),
            Window = Duration(row, path, "window", TimeSpan.Zero, Longest) ?? MatrixRule.DefaultWindow,
            Confirm = Word(row, path, "confirm", MatrixWords.Confirms, Confirm.None),
            Claim = Flag(row, path, "claim"),
            Hold = Duration(row, path, "hold", TimeSpan.Zero, Longest),
            ValidFor = Duration(row, path, "valid_for", Second, Longest) ?? MatrixRule.DefaultValidFor,
            Note = OptionalText(row, path, "note", MaxNote),
        };
    }

    private string Id(JsonElement row, string path)
    {
        var id = RequiredText(row, path, "id", MaxId);
        if (!ActionPattern.IsName(id)) Refuse(Join(path, "id"), "may have letters, digits and _ . : - only.");
        return id;
    }

    private string Action(JsonElement row, string path)
    {
        var action = RequiredText(row, path, "action", ActionPattern.MaxLength);
        if (!ActionPattern.TryParse(action, out _)) Refuse(Join(path, "action"), "must be an action (letters, digits, _ . : -), one ending in .* for all below it, or *.");
        return action;
    }

    private ResourcePattern? Resource(JsonElement row, string path)
    {
        if (Optional(row, "resource") is not { } resource) return null;
        var at = Join(path, "resource");
        if (!Fields(resource, at, ResourceFields)) return null;
        var pattern = new ResourcePattern(OptionalText(resource, at, "type", MaxReference, 1), OptionalText(resource, at, "id", MaxText, 1));
        if (pattern is { Type: null, Id: null }) Refuse(at, "must name a type, an id or both.");
        return pattern;
    }

    private Condition Condition(JsonElement condition, string path)
    {
        if (!Fields(condition, path, ConditionFields)) return new Condition { Field = "", Op = Op.Exists };
        var field = RequiredText(condition, path, "field");
        if (Fault is null && FieldPath.Parse(field) is null)
        {
            Refuse(Join(path, "field"), "must be arguments.…, resource.type, resource.id, resource.attributes.…, confidence, expected_cost.usd, expected_cost.tokens or on_behalf_of.");
        }
        return new Condition
        {
            Field = field,
            Each = Optional(condition, "each") is null ? null : Word(condition, path, "each", MatrixWords.Eaches, default),
            Op = RequiredWord(condition, path, "op", MatrixWords.Ops),
            Value = Optional(condition, "value") is { } value ? Value(value, Join(path, "value")) : null,
        };
    }

    // Whether the value suits the operator is the analyser's question; here it only has to be a scalar or a list of scalars.
    private JsonElement Value(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Array) List(value, path, MaxList, Scalar);
        else Scalar(value, path);
        return value.Clone();
    }

    private bool Scalar(JsonElement value, string path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                Text(value, path, MaxText, 0);
                break;
            case JsonValueKind.Number:
                if (!IsOrdinary(value)) Refuse(path, "must be a finite number, within ±2^53 when whole.");
                break;
            case JsonValueKind.True or JsonValueKind.False:
                break;
            default:
                Refuse(path, "must be a text, a number, true, false or a list of these.");
                break;
        }
        return true;
    }
}
