using System.Text.Json;
using OpsConsole.Core.Authority;

namespace OpsConsole.Tests.Core.Authority;

public sealed class PatternSizeTests
{
    [Theory]
    [InlineData("^EU-[0-9]+$", 6)]
    [InlineData("[0-9]{3}", 3)]
    [InlineData(@"([0-9]{3}-){2}", 24)]
    [InlineData(@"([0-9]{3}-)?", 4)]
    [InlineData(@"(\w{1,8}\d)+", 72)]
    [InlineData(@"(\w{1,8}\d){2,}", 144)]
    [InlineData(@"(x|\w{1,8}|y\d)*", 88)]
    [InlineData(@"(x|y)*\w{1,8}", 10)]
    [InlineData(@"(?:\w{1,300}\d){2}7$", 1806)]
    [InlineData("(a|b|[]{5}])*x{2,}", 5)]
    [InlineData(@"\{5}a{b}", 6)]
    [InlineData("((a{10}){10}){10}", 9000)]
    [InlineData("a{99999999999999999999}", 1_000_000)]
    [InlineData(@"[^])](?:\w{1,300}\d){2}7$", 1807)]         // a bracket that closes nothing
    [InlineData(@"\c[(?:\w{1,300}\d){2}7\c]", 1807)]
    [InlineData(@"[\c][](?:\w{1,300}\d){2}7", 1806)]
    [InlineData(@"\\c[(]{5}", 7)]
    [InlineData("(?i)ab(?-i:c)(?<name>d)(?'other'e)", 5)]
    [InlineData("(?#[)(a{9}){9}(?#])", 1_000_000)]          // what cannot be told counts as endless
    [InlineData("(?x)a # (", 1_000_000)]
    [InlineData("(?=a)b", 1_000_000)]
    [InlineData("a)b", 1_000_000)]
    [InlineData("[a", 1_000_000)]
    [InlineData("(", 1_000_000)]
    [InlineData("a{", 1)]
    public void Counted_repeats_are_written_out(string pattern, long least) => Assert.InRange(PatternSize.Of(pattern), least, least + 4);

    [Theory]
    [InlineData(@"(?:\w{1,300}\d){2}7$", "counts too far")]
    [InlineData("[a-z]{1,101}", "counts too far")]
    [InlineData(@"(?:\w{1,24}\d){2}7", "counts too far")]
    [InlineData(@"(?:.*a.{20})+b", "counts too far")]
    [InlineData("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", null)]
    [InlineData(@"^(\d{1,3}\.){3}\d{1,3}$", null)]
    [InlineData(@"^[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,24}$", null)]
    public void A_pattern_that_counts_too_far_is_refused_before_it_meets_a_call(string pattern, string? says)
    {
        var problem = CompiledCondition.Compile(new Condition { Field = "arguments.to", Op = Op.Matches, Value = JsonSerializer.SerializeToElement(pattern) }).Problem;
        if (says is null) Assert.Null(problem);
        else Assert.Contains(says, problem);
    }

    [Fact]
    public void A_pattern_of_a_schema_is_not_read_further_than_one_of_a_condition()
    {
        var deep = new string('(', 31_000);
        Assert.Equal(1_000_000, PatternSize.Of(deep));
        var schema = JsonSerializer.SerializeToElement(new { type = "object", required = new[] { "a" }, properties = new { a = new { type = "string", @default = "x", pattern = deep } } });
        var catalogue = ActionCatalogue.Parse(JsonSerializer.SerializeToElement(new[] { new { action = "x.y", arguments_schema = schema } })).Value;
        Assert.NotNull(MatrixAnalyser.Analyse(new MatrixDocument(), _ => ApproverStanding.Known, catalogue));
        Assert.Empty(SchemaFit.Misfits(schema, JsonElement.Parse("""{"a":"x"}""")));
    }

    /// <summary>However long the clock says that a small match took: the processor may have been somewhere else.</summary>
    [Fact]
    public void Small_matches_never_run_out_of_time()
    {
        var now = 0L;
        var budget = new PatternBudget(() => now += 1_000_000, 1_000);
        var condition = CompiledCondition.Compile(new Condition { Field = "arguments.to", Op = Op.Matches, Value = JsonSerializer.SerializeToElement("^[a-z]+@acme\\.com$") });
        var call = new PolicyCall { Action = "x", Arguments = JsonElement.Parse("""{"to":"dana@acme.com"}"""), Patterns = budget };
        for (var i = 0; i < 100; i++) Assert.Equal(Truth.True, condition.Test(call));
    }

    /// <summary>With a time limit the engine says "does not match" of texts that match, once the time has run out: a row that denies would be passed by.</summary>
    [Fact]
    public void A_match_that_takes_long_is_answered_all_the_same()
    {
        // Near the largest that is allowed. Every text is new, so that none of the states that matter was built before.
        var condition = CompiledCondition.Compile(new Condition { Field = "arguments.to", Op = Op.Matches, Value = JsonSerializer.SerializeToElement(@"(?:\w{1,15}\d){2}7") });
        Assert.Null(condition.Problem);
        foreach (var seed in Enumerable.Range(1, 10))
        {
            var random = new Random(seed);
            var text = string.Concat(Enumerable.Range(0, 1_000).Select(_ => random.Next(2) == 0 ? 'a' : '1'));
            foreach (var (end, wanted) in ((string, Truth)[])[("a1a17", Truth.True), ("a1a18", Truth.False)])
            {
                var call = new PolicyCall { Action = "x", Arguments = JsonSerializer.SerializeToElement(new { to = text + end }), Patterns = new PatternBudget(() => 0, 1) };
                Assert.Equal(wanted, condition.Test(call));
            }
        }
    }
}
