using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Decisions;

/// <summary>From the wire form of an ask (protocols.md, section N) to an <see cref="Ask"/>, strictly.</summary>
public static class AskReader
{
    /// <summary>Of UTF-8, as they were sent.</summary>
    public const int MaxArgumentBytes = 64 * 1024;
    /// <summary>How long all patterns of a matrix may look at one ask: 25 ms, so that a thread that loses the processor for a moment is no reason to know less.</summary>
    private static readonly long PatternTicks = Stopwatch.Frequency / 40;
    private static readonly Func<long> Ticks = Stopwatch.GetTimestamp;
    private static readonly Dictionary<string, AskMode> Modes = new() { ["live"] = AskMode.Live, ["shadow"] = AskMode.Shadow, ["simulation"] = AskMode.Simulation };
    private static readonly Dictionary<string, int> ContextKinds = new() { ["retrieved"] = 0, ["message"] = 1, ["tool"] = 2 };

    /// <param name="traceParent">The W3C header; its trace id names the run where the body names none.</param>
    public static Result<Ask> Read(JsonElement body, AgentAuthority agent, PeopleDirectory directory, string? traceParent)
    {
        var fields = new Fields(body);
        var action = fields.Text("action", 128, required: true);
        if (action is not null && !IsAction(action)) fields.Refuse("action", "may only hold letters, digits and _ . : - (at most 128).");
        var resource = fields.Object("resource");
        var arguments = fields.Object("arguments");
        var runId = fields.Text("run_id", 200);
        var confidence = fields.Number("confidence", 0, 1);
        fields.Text("reasoning", 20_000);
        fields.Texts("alternatives", 50, 4_000);
        var context = fields.Any("context");
        var cost = fields.Object("expected_cost");
        var undo = fields.Object("undo");
        var preconditions = fields.Object("preconditions");
        var mode = fields.Word("mode", Modes) ?? AskMode.Live;
        var onBehalfOf = fields.Text("on_behalf_of", 320);
        if (agent.Kind == AgentKind.Copilot && string.IsNullOrWhiteSpace(onBehalfOf)) fields.Refuse("on_behalf_of", "is required: a copilot always acts on behalf of a named person.");
        if (arguments.ValueKind == JsonValueKind.Object && JsonMarshal.GetRawUtf8Value(arguments).Length > MaxArgumentBytes) fields.Refuse("arguments", "are larger than 64 KB; send references instead of contents.");
        if (fields.Finish() is { } wrong) return wrong;
        if (onBehalfOf is not null)
        {
            // A copilot names its person exactly; other agents may act for somebody the console does not know, such as a customer.
            var copilot = agent.Kind == AgentKind.Copilot;
            var person = copilot ? directory.Find(onBehalfOf) : directory.Meant(onBehalfOf);
            if (copilot && person is not { Active: true }) return Fault.Invalid("field.invalid", "on_behalf_of must be the e-mail address or the id of an active person of this console, and nothing else.", "on_behalf_of");
            if (person is { Email.Length: > 0 } && person.Email != onBehalfOf) body = Renamed(body, onBehalfOf = person.Email);
        }
        if (Resource(resource) is { } wrongResource) return wrongResource;
        if (Context(context) is { } wrongContext) return wrongContext;
        if (AnnouncedUndo.Check(undo, "undo") is { } wrongUndo) return wrongUndo;
        if (Cost(cost, "expected_cost", out var usd, out var tokens) is { } wrongCost) return wrongCost;

        var name = action!.ToLowerInvariant();
        var argumentText = arguments.ValueKind == JsonValueKind.Object ? Jcs.Text(arguments) : "{}";
        return new Ask
        {
            Action = name, ResourceType = Member(resource, "type"), ResourceId = Member(resource, "id"), RunId = runId ?? TraceId(traceParent), Confidence = confidence, CostUsd = usd, CostTokens = tokens, Mode = mode,
            OnBehalfOf = onBehalfOf, Arguments = argumentText, Payload = Jcs.Bytes(body), Call = Call(body, name, arguments),
            Digest = CallDigest.Of(agent.Id, name, arguments, preconditions, resource, onBehalfOf),
        };
    }

    // The record, the digest and the rules all see the person under the one address that everybody knows.
    private static JsonElement Renamed(JsonElement body, string onBehalfOf)
    {
        var copy = JsonObject.Create(body)!;
        copy["on_behalf_of"] = onBehalfOf;
        return JsonSerializer.SerializeToElement(copy);
    }

    /// <summary>What the policy looks at, from a stored ask; <paramref name="arguments"/> may be an approver's edit.</summary>
    public static PolicyCall Call(JsonElement body, string action, JsonElement arguments)
    {
        var resource = Child(body, "resource");
        Cost(Child(body, "expected_cost"), "expected_cost", out var usd, out var tokens);
        return new PolicyCall
        {
            Action = action, ResourceType = Member(resource, "type"), ResourceId = Member(resource, "id"), ResourceAttributes = Child(resource, "attributes"), Arguments = arguments,
            Confidence = Child(body, "confidence") is { ValueKind: JsonValueKind.Number } confidence ? confidence.GetDouble() : null, CostUsd = usd / (double?)Money.Unit, CostTokens = tokens, OnBehalfOf = Member(body, "on_behalf_of"),
            Patterns = new PatternBudget(Ticks, PatternTicks),
        };
    }

    /// <summary>A stored ask, asked again: with an approver's edit, or to see whether it would still be allowed.</summary>
    public static Ask Again(JsonElement body, DecisionRecord d, JsonElement arguments) => new()
    {
        Action = d.Action, ResourceType = d.ResourceType, ResourceId = d.ResourceId, Call = Call(body, d.Action, arguments), RunId = d.RunId, Confidence = d.Confidence, OnBehalfOf = d.OnBehalfOf, Payload = [],
        Arguments = arguments.ValueKind == JsonValueKind.Object ? Jcs.Text(arguments) : "{}", Digest = Digest(body, d.AgentId, d.Action, arguments, Child(body, "preconditions")),
    };

    /// <summary>The digest of a stored ask with other arguments or preconditions.</summary>
    public static CallDigest Digest(JsonElement body, string agentId, string action, JsonElement arguments, JsonElement preconditions)
        => CallDigest.Of(agentId, action, arguments, preconditions, Child(body, "resource"), Member(body, "on_behalf_of"));

    /// <summary>A member, or undefined when it is absent or null.</summary>
    public static JsonElement Child(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : default;

    public static string? Member(JsonElement element, string name) => Child(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>Reads <c>{ "usd": "0.0125", "tokens": 1800 }</c>; absent amounts are null.</summary>
    public static Fault? Cost(JsonElement cost, string path, out long? usd, out long? tokens)
    {
        (usd, tokens) = (null, null);
        if (cost.ValueKind != JsonValueKind.Object) return null;
        var fields = new Fields(cost, path);
        var amount = fields.Any("usd");
        if (amount.ValueKind is JsonValueKind.String or JsonValueKind.Number && Money.TryParse(amount.ValueKind == JsonValueKind.String ? amount.GetString()! : amount.GetRawText(), out var micros)) usd = micros;
        else if (amount.ValueKind != JsonValueKind.Undefined) fields.Refuse("usd", "must be a finite amount of US dollars, not negative, such as \"0.0125\".");
        tokens = fields.Whole("tokens", 0, 1L << 53);
        return fields.Finish();
    }

    private static Fault? Resource(JsonElement resource)
    {
        if (resource.ValueKind != JsonValueKind.Object) return null;
        var fields = new Fields(resource, "resource");
        fields.Text("type", 128);
        fields.Text("id", 512);
        fields.Object("attributes");
        return fields.Finish();
    }

    private static Fault? Context(JsonElement context)
    {
        if (context.ValueKind == JsonValueKind.Undefined) return null;
        if (context.ValueKind != JsonValueKind.Array || context.GetArrayLength() > 100) return Fault.Invalid("field.invalid", "context must be a list of at most 100 entries.", "context");
        var i = 0;
        foreach (var item in context.EnumerateArray())
        {
            var fields = new Fields(item, $"context[{i++}]");
            fields.Word("kind", ContextKinds, required: true);
            fields.Text("ref", 1_000);
            fields.Text("text", 20_000);
            if (fields.Finish() is { } fault) return fault;
        }
        return null;
    }

    internal static bool IsAction(string text) => text.Length is > 0 and <= 128 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or ':' or '-');

    private static string? TraceId(string? traceParent)
        => traceParent is { Length: 55 } && traceParent[2] == '-' && traceParent[35] == '-' && traceParent.AsSpan(3, 32).ContainsAnyExceptInRange('0', '0') && traceParent.AsSpan(3, 32).IndexOfAnyExcept(Hex) < 0 ? traceParent.Substring(3, 32) : null;

    private static readonly System.Buffers.SearchValues<char> Hex = System.Buffers.SearchValues.Create("0123456789abcdef");
}
