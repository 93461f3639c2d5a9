using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OpsConsole.Core.Authority;

namespace OpsConsole.Bench;

/// <summary>What an author waits for in the background: every finding about 300 rules beside a catalogue of 50 actions, the map of coverage included. Then a matrix made to be hard.</summary>
internal static class AnalysisOfMatrix
{
    private const int Actions = 50, Rules = 300, Calls = 100_000;
    private const double Goal = 1_000;
    private static readonly string[] Systems = ["crm", "payment", "refund", "mail", "ticket", "order", "invoice", "calendar", "search", "report"];

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var runs = arguments.Number("runs", 5);
        var catalogue = ActionCatalogue.Parse(CatalogueJson()).Value;
        var worst = 0;
        foreach (var (name, document) in new[] { ("ordinary", Read(Ordinary())), ("hard", Read(Hard())) })
        {
            var policy = CompiledPolicy.Compile(document, 1);
            var calls = Enumerable.Range(0, 1_000).Select(Call).ToArray();
            for (var i = 0; i < 3; i++) (_, _) = (Evaluate(policy, calls), Analyse(document, catalogue, 1));
            var (before, taken, after) = (Evaluate(policy, calls), Analyse(document, catalogue, runs), Evaluate(policy, calls));
            // The goal is a time; the ratio makes runs on different machines comparable, and says when this one cannot be trusted.
            var result = Ratio.Judge(double.MaxValue, before, taken, after, atMost: true);
            var found = MatrixAnalyser.Analyse(document, _ => ApproverStanding.Known, catalogue);
            var codes = string.Join(", ", found.Errors.Concat(found.Warnings).CountBy(f => f.Code).OrderByDescending(c => c.Value).Select(c => $"{c.Value} {c.Key}"));
            Console.WriteLine($"analysis, {name}: {taken:0} ms (goal < {Goal:0}) for {document.Rules.Count} rules x {Actions} actions, {result.Value:0.0} times 100,000 evaluations ({before:0.#} then {after:0.#} ms, moved {result.Moved:0.0%}) {(result.Invalid ? "INVALID" : taken < Goal ? "met" : "MISSED")}");
            Console.WriteLine($"  {codes}; work left out: {(found.Warnings.Any(f => f.Message.StartsWith("There are too many rows", StringComparison.Ordinal)) ? "yes" : "no")}; {found.Coverage.Headline()}");
            worst = Math.Max(worst, result.Invalid ? 2 : taken < Goal ? 0 : 1);
        }
        return worst;
    }

    private static double Evaluate(CompiledPolicy policy, PolicyCall[] calls)
    {
        var from = Stopwatch.GetTimestamp();
        var matched = 0;
        for (var i = 0; i < Calls; i++) matched += policy.Evaluate(calls[i % calls.Length]).RuleIndex >= 0 ? 1 : 0;
        if (matched == 0) throw new InvalidOperationException("No call found a rule.");
        return Stopwatch.GetElapsedTime(from).TotalMilliseconds;
    }

    private static double Analyse(MatrixDocument document, ActionCatalogue catalogue, int runs)
    {
        var times = new double[runs];
        for (var i = 0; i < runs; i++)
        {
            var from = Stopwatch.GetTimestamp();
            MatrixAnalyser.Analyse(document, _ => ApproverStanding.Known, catalogue);
            times[i] = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
        }
        Array.Sort(times);
        return times[runs / 2];
    }

    private static string Action(int i) => $"{Systems[i % Systems.Length]}.{(i / Systems.Length) switch { 0 => "create", 1 => "update", 2 => "delete", 3 => "send", _ => "bulk.run" }}";

    private static PolicyCall Call(int i) => new()
    {
        Action = Action(i % Actions), Confidence = i % 10 / 10.0, CostUsd = i % 7,
        Arguments = JsonElement.Parse(string.Create(CultureInfo.InvariantCulture, $$"""{"amount":{{i * 7 % 2000}},"currency":"EUR","to":"someone@{{(i % 2 == 0 ? "acme.com" : "other.org")}}","region":"EU-{{i % 9}}"}""")),
    };

    private static object Described(int i) => new
    {
        type = "object", required = new[] { "amount", "currency", "reason" },
        properties = new
        {
            amount = new { type = "number", exclusiveMinimum = 0, maximum = 100_000 + i }, currency = new { @enum = new[] { "EUR", "USD", "GBP" } }, to = new { type = "string", pattern = "^[^@ ]+@[^@ ]+$" }, reason = new { type = "string", minLength = 5 },
            items = new { type = "array", items = new { type = "object", required = new[] { "sku" }, properties = new { sku = new { type = "string" }, price = new { type = "number", minimum = 0 } } } },
        },
    };

    // Five rules per action, as teams write them: what is forbidden, what is small, what is large, what goes outside, and the rest; then rules for whole systems and for everything.
    private static IEnumerable<object> Ordinary()
    {
        for (var i = 0; i < Actions; i++)
        {
            var limit = 50 + i * 10;
            yield return Rule(Action(i), "deny", When("arguments.amount", ">", limit * 20));
            yield return Rule(Action(i), "allow", When("arguments.amount", "<=", limit), When("arguments.currency", "in", new[] { "EUR", "USD", $"X{i % 5}" }), When("confidence", ">=", 0.8));
            yield return Rule(Action(i), "approve", When("arguments.amount", ">", limit), When("arguments.region", "starts_with", $"EU-{i % 9}"));
            yield return i % 10 == 0
                ? Rule(Action(i), "approve", When("arguments.to", "matches", $"^[a-z]+\\.{i}@"))
                : Rule(Action(i), "approve", When("arguments.to", "ends_with", i % 2 == 0 ? "@acme.com" : $"@p{i % 7}.org"), When("expected_cost.usd", "<", 5 + i));
            yield return i % 4 == 0
                ? Rule(Action(i), "approve", new { field = "arguments.items.price", each = "any", op = ">", value = (object)(100 + i) })
                : Rule(Action(i), "approve");
        }
        for (var s = 0; s < Systems.Length * 4; s++)
        {
            var system = Systems[s % Systems.Length] + ".*";
            yield return (s / Systems.Length) switch
            {
                0 => Rule(system, "deny", When("resource.attributes.tier", "=", "blocked")),
                1 => Rule(system, "approve", When("arguments.region", "not_in", new[] { "EU-1", "EU-2", "US" })),
                2 => Rule(system, "approve", When("expected_cost.tokens", ">", 1000 * s)),
                _ => Rule(system, "allow", When("confidence", ">", 0.95), When("arguments.amount", "<", 10 + s)),
            };
        }
        for (var s = 0; s < Rules - Actions * 5 - Systems.Length * 4; s++) yield return Rule("*", s % 3 == 0 ? "deny" : "approve", When("on_behalf_of", "ends_with", $"@d{s}.org"), When("arguments.amount", ">", s * 300));
    }

    // Every rule is about every action and holds back unless one of three switches stands the other way: whether a call is left over is a riddle of the hardest kind.
    private static IEnumerable<object> Hard()
    {
        var random = new Random(7);
        return Enumerable.Range(0, Rules).Select(i => Rule("*", i % 2 == 0 ? "approve" : "deny", [.. Enumerable.Range(0, 66).OrderBy(_ => random.Next()).Take(3).Select(f => When($"arguments.switch{f}", "=", random.Next(2) == 0))]));
    }

    private static object When(string field, string op, object value) => new { field, op, value };

    private static object Rule(string action, string outcome, params object[] when) => new { action, outcome, when, approvers = new[] { "group:leads" } };

    /// <summary>The matrix as teams write it, as <c>PUT matrix</c> takes it.</summary>
    public static JsonElement OrdinaryJson() => Json(Ordinary());

    /// <summary>Its register, as <c>PUT actions</c> takes it.</summary>
    public static JsonElement CatalogueJson() => JsonSerializer.SerializeToElement(Enumerable.Range(0, Actions).Select(i => new { action = Action(i), consequence = i % 3 == 0 ? "low" : "high", arguments_schema = Described(i) }));

    private static MatrixDocument Read(IEnumerable<object> rules) => MatrixJson.Parse(Json(rules)).Value;

    private static JsonElement Json(IEnumerable<object> rules)
    {
        var rows = rules.Select((rule, i) =>
        {
            var row = JsonSerializer.SerializeToNode(rule)!.AsObject();
            row["id"] = $"R-{i}";
            return row;
        });
        return JsonSerializer.SerializeToElement(new
        {
            boundaries = Systems.Take(8).Select((s, i) => new { action = s + ".*", when = new[] { When("resource.type", "=", "secret" + i) }, reason = "out of bounds" }),
            rules = rows,
        });
    }
}
