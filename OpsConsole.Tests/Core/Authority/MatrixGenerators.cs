using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Authority;

namespace OpsConsole.Tests.Core.Authority;

/// <summary>Random matrices and calls from small pools, so that they meet each other often.</summary>
internal static class MatrixGenerators
{
    private static readonly string[] Values =
    [
        "100", "200", "200.5", "-1", "0", "\"order\"", "\"a@acme.com\"", "\"@acme.com\"", "\"EU-1\"", "\"EU\"", "\"200\"", "\"5000 EUR\"", "\"\"", "\"\\u0061\\n\\\"b\"", "\"Grüße\"", "true", "false",
    ];

    private static readonly string[] Odd =
    [
        "null", "1e999", "1e-400", "-1e-400", "{}", "{\"price\":100}", "[]", "[null]", "[100]", "[100,300]", "[\"a@acme.com\",\"b@x.org\"]", "[\"200\",100]", "[[100]]", "[{\"price\":100},{\"price\":300}]",
        "[{\"price\":\"x\"},{}]", "[{\"price\":[]},{\"price\":[100]}]", "[true]", "[{\"price\":null}]",
    ];

    private static Gen<T> Pick<T>(params T[] items) => Gen.Elements(items);

    private static Gen<T[]> Some<T>(Gen<T> gen, int max) => Gen.Choose(0, max).SelectMany(n => Gen.ArrayOf(gen, n));

    private static readonly Gen<string> Value = Pick(Values);

    private static readonly Gen<JsonElement?> ConditionValue = Gen.Frequency(
        (6, Value.Select(v => (JsonElement?)JsonElement.Parse(v))),
        (3, Gen.Choose(1, 3).SelectMany(n => Gen.ArrayOf(Value, n)).Select(vs => (JsonElement?)JsonElement.Parse($"[{string.Join(',', vs)}]"))),
        (1, Gen.Constant((JsonElement?)null)),
        (1, Pick("\"^EU\"", "\"acme\\\\.com$\"", "\"(\"", "\"(?=a)\"", "\"[0-9]{3}\"").Select(v => (JsonElement?)JsonElement.Parse(v))));

    public static readonly Gen<Condition> Condition =
        from field in Pick("arguments.amount", "arguments.amount", "arguments.to", "arguments.items.price", "resource.type", "resource.id", "resource.attributes.tier", "confidence", "expected_cost.usd", "expected_cost.tokens", "on_behalf_of")
        from each in Pick<Each?>(null, null, Each.Any, Each.All)
        from op in Pick(Enum.GetValues<Op>())
        from value in ConditionValue
        select new Condition { Field = field, Each = each, Op = op, Value = op is Op.Exists or Op.Missing ? null : value };

    /// <summary>Conditions that can be published.</summary>
    public static readonly Gen<Condition> SoundCondition = Condition.Where(c => CompiledCondition.Compile(c).Problem is null);

    private static readonly Gen<string> Action = Pick("*", "payment.*", "payment.wire", "payment.wire.*", "Payment.Wire.EU", "payment", "refund.create");

    private static readonly Gen<ResourcePattern?> Resource = Gen.Frequency(
        (3, Gen.Constant((ResourcePattern?)null)),
        (2, from type in Pick<string?>(null, "Order", "order", "*") from id in Pick<string?>("EU-1", "*", null) where type is not null || id is not null select (ResourcePattern?)new ResourcePattern(type, id)));

    private static Gen<MatrixRule> Rule(Gen<Condition> condition) =>
        from action in Action
        from resource in Resource
        from outcome in Pick(Enum.GetValues<RuleOutcome>())
        from consequence in Pick(Enum.GetValues<Consequence>())
        from when in Some(condition, 3)
        from approvers in Some(Pick("user:dana@example.com", "group:leads"), 2)
        from extras in Gen.Choose(0, 1023)
        select new MatrixRule
        {
            Id = "R", Action = action, Resource = resource, Outcome = outcome, Consequence = consequence, When = when, Approvers = approvers,
            Effect = (extras & 1) == 0 ? Effect.Read : Effect.Write, Reversible = (extras & 2) != 0, Quorum = 1 + (extras & 3),
            Order = (extras & 4) == 0 ? ApprovalOrder.Any : ApprovalOrder.Sequence, OnExpiry = (OnExpiry)(extras % 3), Claim = (extras & 8) != 0,
            Sla = TimeSpan.FromSeconds(1 + extras * 1237), Window = TimeSpan.FromMilliseconds(extras * 777_777), Confirm = (Confirm)(extras & 1),
            Hold = (extras & 16) == 0 ? null : TimeSpan.FromTicks(extras), ValidFor = TimeSpan.FromHours(1 + extras % 72), Note = (extras & 32) == 0 ? null : "nöte \"quoted\" </script>",
            Classes = (extras & 64) == 0 ? [] : ["revenue"], Exceptions = (extras & 128) == 0 ? [] : ["vip"], EscalateTo = (extras & 256) == 0 ? [] : ["group:leads"],
        };

    public static Gen<MatrixDocument> Document(Gen<Condition> condition) =>
        from outcome in Pick(Enum.GetValues<DefaultOutcome>())
        from boundaries in Some(from action in Action from resource in Resource from when in Some(condition, 2) select new Boundary { Action = action, Resource = resource, When = when, Reason = "no" }, 1)
        from rules in Some(Rule(condition), 7)
        select new MatrixDocument { Default = outcome, Boundaries = boundaries, Rules = [.. rules.Select((r, i) => r with { Id = $"R-{i}" })] };

    private static readonly Gen<string> Argument = Gen.Frequency((3, Value), (2, Pick(Odd)));

    public static readonly Gen<string> CallArguments =
        from amount in Argument
        from to in Argument
        from items in Argument
        from shown in Gen.Choose(0, 7)
        select "{" + string.Join(',', new[] { ((shown & 1) > 0, "amount", amount), ((shown & 2) > 0, "to", to), ((shown & 4) > 0, "items", items) }.Where(f => f.Item1).Select(f => $"\"{f.Item2}\":{f.Item3}")) + "}";

    public static readonly Gen<PolicyCall> Call =
        from action in Pick("payment.wire", "payment.wire.eu", "payment", "payment.card.x", "REFUND.create", "crm", "crm.x")
        from arguments in Gen.Frequency((5, CallArguments), (1, Pick("null", "[]", "3")))
        from type in Pick<string?>(null, "order", "Order", "EU")
        from id in Pick<string?>(null, "EU-1", "eu-1", "200")
        from tier in Argument
        from confidence in Pick<double?>(null, 0, 0.5, 1, double.NaN, double.PositiveInfinity)
        from usd in Pick<double?>(null, 0, 100, 200.5, double.NaN)
        from tokens in Pick<long?>(null, 0, 100, 201)
        from person in Pick<string?>(null, "a@acme.com", "x")
        select new PolicyCall
        {
            Action = action, Arguments = JsonElement.Parse(arguments), ResourceType = type, ResourceId = id, ResourceAttributes = JsonElement.Parse($"{{\"tier\":{tier}}}"),
            Confidence = confidence, CostUsd = usd, CostTokens = tokens, OnBehalfOf = person,
        };

    public static void Holds<T>(Gen<T> gen, Func<T, bool> property, int times = 2_000) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(times), Prop.ForAll(gen.ToArbitrary(), property));
}
