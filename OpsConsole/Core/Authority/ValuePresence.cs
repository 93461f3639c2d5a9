using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>Whether something stands at a path. Never unknown: JSON null, a missing name and a path through a scalar are all absent.</summary>
internal static class ValuePresence
{
    /// <summary>
    /// Without a quantifier or with 'any': somewhere at the path is a value. With 'all': there is one, and none is absent.
    /// Arrays on the way are passed through; the array at the end counts by its elements only when quantified.
    /// </summary>
    public static bool Exists(JsonElement root, FieldPath path, Each? each)
    {
        var (present, absent) = (0, 0);
        Count(root, path.Utf8Names, 0, each is not null, ref present, ref absent);
        return present > 0 && (each != Each.All || absent == 0);
    }

    private static void Count(JsonElement value, byte[][] names, int depth, bool quantified, ref int present, ref int absent)
    {
        for (; depth < names.Length; depth++)
        {
            if (value.ValueKind == JsonValueKind.Array)
            {
                foreach (var element in value.EnumerateArray()) Count(element, names, depth, quantified, ref present, ref absent);
                return;
            }
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(names[depth], out value)) continue;
            absent++;
            return;
        }
        if (quantified && value.ValueKind == JsonValueKind.Array)
        {
            foreach (var element in value.EnumerateArray()) Tally(element, ref present, ref absent);
            return;
        }
        Tally(value, ref present, ref absent);
    }

    private static void Tally(JsonElement value, ref int present, ref int absent)
    {
        if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined) absent++;
        else present++;
    }
}
