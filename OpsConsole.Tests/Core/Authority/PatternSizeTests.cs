using System.Text.Json;
using OpsConsole.Core.Authority;

namespace OpsConsole.Tests.Core.Authority;

public sealed class PatternSizeTests
{
    [Theory]
    [InlineData("^EU-[0-9]+$", 6)]
    [InlineData("[0-9]{3}", 3)]
    [InlineData(@"(\w{1,8}\d){2}", 18)]
    [InlineData(@"(?:\w{1,300}\d){2}7$", 604)]
    [InlineData("(a|b|[]{5}])*x{2,}", 5)]
    [InlineData(@"\{5}a{b}", 6)]
    [InlineData("((a{10}){10}){10}", 1000)]
    [InlineData("a{99999999999999999999}", 1_000_000)]
    [InlineData("(", 0)]
    [InlineData("a{", 1)]
    public void Counted_repeats_are_written_out(string pattern, long least) => Assert.InRange(PatternSize.Of(pattern), least, least + 4);

    [Theory]
    [InlineData(@"(?:\w{1,300}\d){2}7$", "counts too far")]
    [InlineData("[a-z]{1,101}", "counts too far")]
    [InlineData(@"^[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,24}$", null)]
    public void A_pattern_that_counts_too_far_is_refused_before_it_meets_a_call(string pattern, string? says)
    {
        var problem = CompiledCondition.Compile(new Condition { Field = "arguments.to", Op = Op.Matches, Value = JsonSerializer.SerializeToElement(pattern) }).Problem;
        if (says is null) Assert.Null(problem);
        else Assert.Contains(says, problem);
    }
}
