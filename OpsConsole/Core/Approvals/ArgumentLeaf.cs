using System.Text.Json;

namespace OpsConsole.Core.Approvals;

/// <summary>One value of an ask's arguments: everything that is no object or list with something in it.</summary>
/// <param name="Path">As people read it: <c>customer.lines[2].price</c>, counted from one. No two values of a call have the same.</param>
/// <param name="Field">The same without places in lists, <c>customer.lines[].price</c>: what can be compared between calls.</param>
/// <param name="Pointer">As conditions of the matrix write it, <c>arguments.customer.name</c>; null inside lists and for names that conditions cannot spell.</param>
public sealed record ArgumentLeaf(string Path, string Field, string? Pointer, JsonElement Value)
{
    /// <summary>The values of the arguments in their order.</summary>
    public static IReadOnlyList<ArgumentLeaf> Of(JsonElement arguments)
    {
        List<ArgumentLeaf> leaves = [];
        Add(arguments, null, "", "arguments", leaves);
        return leaves;
    }

    /// <param name="path">Null: these are the arguments themselves, which have no name. A name that is empty is one.</param>
    private static void Add(JsonElement value, string? path, string field, string? pointer, List<ArgumentLeaf> into)
    {
        if (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any())
        {
            foreach (var property in value.EnumerateObject())
            {
                var (name, plain) = (Name(property.Name), Plain(property.Name));
                Add(property.Value, path is null ? name : path + "." + name, path is null ? name : field + "." + name, pointer is not null && plain ? pointer + "." + property.Name : null, into);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0)
        {
            var i = 1;
            foreach (var item in value.EnumerateArray()) Add(item, $"{path}[{i++}]", field + "[]", null, into);
        }
        else if (path is not null) into.Add(new ArgumentLeaf(path, field, pointer, value));
    }

    // A name that is empty, begins or ends with a space, or has a dot, bracket or quote of its own must not read like no name, another one or a path.
    private static string Name(string name) => name.Length == 0 || name.Trim() != name || name.AsSpan().ContainsAny(".[]\"") ? JsonSerializer.Serialize(name) : name;

    private static bool Plain(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
