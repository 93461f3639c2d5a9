using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Approvals;

namespace OpsConsole.Tests.Core.Approvals;

/// <summary>Every value of a call has a path of its own, whatever its agent calls things.</summary>
public sealed class ArgumentLeafTests
{
    private static string[] Paths(string arguments) => [.. ArgumentLeaf.Of(JsonElement.Parse(arguments)).Select(l => l.Path)];

    [Theory]
    [InlineData("""{"to":"acme","":"hidden"}""", "to", "\"\"")]
    [InlineData("""{"amount":9,"":{"amount":1}}""", "amount", "\"\".amount")]
    [InlineData("""{"":{"":[{"":1}]}}""", "\"\".\"\"[1].\"\"")]
    [InlineData("""{"a.b":1,"a":{"b":2},"c[1]":3,"c":[4]}""", "\"a.b\"", "a.b", "\"c[1]\"", "c[1]")]
    [InlineData("""{"amount":9," amount":1}""", "amount", "\" amount\"")]
    [InlineData("""{"":{},"a":[]}""", "\"\"", "a")]
    [InlineData("{}")]
    public void Of_NamesThatReadLikeOthers_AreQuoted(string arguments, params string[] paths) => Assert.Equal(paths, Paths(arguments));

    [Fact]
    public void Of_AnyArguments_ShowEveryValueUnderAPathOfItsOwn() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(Node(3).ToArbitrary(), text =>
    {
        var arguments = JsonElement.Parse($$"""{"x":{{text}},"":{{text}}}""");
        var leaves = ArgumentLeaf.Of(arguments);
        return leaves.Count == Values(JsonNode.Parse(arguments.GetRawText())) && leaves.DistinctBy(l => l.Path).Count() == leaves.Count;
    }));

    private static int Values(JsonNode? node) => node switch
    {
        JsonObject { Count: > 0 } o => o.Sum(p => Values(p.Value)),
        JsonArray { Count: > 0 } a => a.Sum(Values),
        _ => 1,
    };

    private static Gen<string> Node(int depth)
    {
        var leaf = Gen.Elements("1", "\"t\"", "null", "{}", "[]");
        if (depth == 0) return leaf;
        var name = Gen.Elements("", "a", "b", ".", "a.b", "[1]", "a[1]", "\"", "\"\"", "\"a\"", " a", "é.", "\\u00e9.", "\\");
        var field = from n in name from v in Node(depth - 1) select (n, v);
        return Gen.OneOf(leaf, Gen.ListOf(field).Select(fields => "{" + string.Join(',', fields.DistinctBy(f => f.n).Select(f => JsonSerializer.Serialize(f.n) + ":" + f.v)) + "}"), Gen.ListOf(Node(depth - 1)).Select(items => "[" + string.Join(',', items) + "]"));
    }
}
