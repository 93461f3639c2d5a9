using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Authority;

namespace OpsConsole.Tests.Core.Authority;

/// <summary>Matrices whose texts are what files and spreadsheets like to change: formulas, quotes, separators, line breaks, spaces, words that mean something.</summary>
internal static class HostileMatrices
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.Elements("=1+1", "+1", "-", "-5", "@sum(A1)", "'", "''", "'=1", "\t", "\tx", "\r", "a\r\nb", "a\nb", "\n", "a\n", " a", "a ", " ", "\"", "\"\"", "\"a\"", "\"a\" b", "a \"b\", c", "a,b", "a;b", ",", ";", "yes", "no", "null", "~", "*", "- x", "a: b", "# x", "0123", "1e3",
            "é", "日本語", "😀", "\u2028", "\u0085", "\u00A0a", "\uFEFFb", "＝1", "group: leads", "Group:leads", "leads", "dana@example.com", "user:dana@example.com", "group:a, b", "“x”", "|", "\\", "\\n", "sep=;", "R-1", "default", new string('x', 900)),
        Gen.Choose(1, 8).SelectMany(n => Gen.ArrayOf(Gen.Elements('a', ',', ';', '"', '\'', '=', '\n', '\r', '\t', ' ', '\\', ':', '#', '|', '\u0001', 'ß'), n)).Select(c => new string(c)));

    private static Gen<string[]> Some => Gen.Choose(0, 3).SelectMany(n => Gen.ArrayOf(Text, n));

    private static readonly Gen<ResourcePattern?> Resource = Gen.OneOf(Gen.Constant((ResourcePattern?)null), from type in Text where type.Length <= 200 from id in Text from which in Gen.Choose(0, 2) select (ResourcePattern?)new ResourcePattern(which == 0 ? null : type, which == 1 ? null : id));

    private static readonly Gen<Condition> Condition = Gen.OneOf(MatrixGenerators.Condition, from name in Text from value in Text from op in Gen.Elements(Op.Equal, Op.Contains, Op.In) where FieldPath.Parse("arguments." + name) is not null
        select new Condition { Field = "arguments." + name, Op = op, Value = System.Text.Json.JsonSerializer.SerializeToElement(op == Op.In ? (object)new[] { value, name } : value) });

    public static readonly Gen<MatrixDocument> Document =
        from doc in MatrixGenerators.Document(Condition)
        from boundaries in Gen.Choose(0, 2).SelectMany(n => Gen.ArrayOf(from reason in Gen.OneOf(Text, Gen.Constant("")) from resource in Resource from when in Gen.ArrayOf(Condition, 1) select new Boundary { Action = "payment.*", Reason = reason, Resource = resource, When = when }, n))
        from notes in Gen.ArrayOf(Gen.OneOf(Text, Gen.Constant("")), 7)
        from approvers in Gen.ArrayOf(Some, 7)
        from exceptions in Gen.ArrayOf(Some, 7)
        from resources in Gen.ArrayOf(Resource, 7)
        from ids in Gen.ArrayOf(Gen.Elements("R-1", "-", "rule", "default", "1", "a:b", "0123"), 7)
        select doc with
        {
            Boundaries = [.. doc.Boundaries, .. boundaries],
            Rules = [.. doc.Rules.Select((r, i) => r with { Id = ids[i], Note = r.Note is null ? null : notes[i], Approvers = approvers[i], EscalateTo = exceptions[i], Exceptions = exceptions[i], Resource = resources[i] })],
        };
}
