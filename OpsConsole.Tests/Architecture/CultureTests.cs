using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace OpsConsole.Tests.Architecture;

/// <summary>
/// No text follows the server's culture. The analyser sees calls without a format provider (CA1305), but no interpolated strings and no concatenations;
/// here the IL is read: what fractions and times are put into must have been given a provider.
/// </summary>
public sealed class CultureTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly Type[] FollowCulture = [typeof(double), typeof(float), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly)];
    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.GetValue(null)).OfType<OpCode>().ToDictionary(c => c.Value);

    [Fact]
    public void Texts_OfTheConsole_NeverFollowTheCulture()
    {
        var found = typeof(Program).Assembly.GetTypes().SelectMany(t => Offences(t)).ToList();
        Assert.True(found.Count == 0, string.Join(Environment.NewLine, found));
    }

    [Fact]
    public void TheReader_SeesWhatItShould() => Assert.Equal(["Wrong", "Wrong", "Wrong"], Offences(typeof(Samples)).Select(o => o.Split(' ')[0].Split('.')[^1]));

    private static IEnumerable<string> Offences(Type type)
    {
        foreach (var method in type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All)))
        {
            if (method.Name == "PrintMembers") continue;   // of records, written by the compiler, read in a debugger
            if (method.GetMethodBody()?.GetILAsByteArray() is not { } il) continue;
            var given = true;
            foreach (var called in Calls(il, method))
            {
                if (called.DeclaringType == typeof(DefaultInterpolatedStringHandler))
                {
                    if (called.IsConstructor) given = called.GetParameters().Length > 2;
                    else if (!given && called is { Name: nameof(DefaultInterpolatedStringHandler.AppendFormatted), IsGenericMethod: true } && Follows(called.GetGenericArguments()[0])) yield return $"{type}.{method.Name} puts a {called.GetGenericArguments()[0].Name} into a text";
                }
                else if (called.Name == nameof(ToString) && called.DeclaringType is { } owner && Follows(owner) && called.GetParameters().All(p => p.ParameterType != typeof(IFormatProvider))) yield return $"{type}.{method.Name} makes a text of a {owner.Name}";
            }
        }
    }

    private static bool Follows(Type type) => FollowCulture.Contains(Nullable.GetUnderlyingType(type) ?? type);

    private static IEnumerable<MethodBase> Calls(byte[] il, MethodBase method)
    {
        for (var at = 0; at < il.Length;)
        {
            var code = Codes[il[at] == 0xFE ? (short)(0xFE00 | il[at + 1]) : il[at]];
            at += code.Size;
            if (code.OperandType == OperandType.InlineMethod) yield return method.Module.ResolveMethod(BitConverter.ToInt32(il, at), method.DeclaringType!.GetGenericArguments(), method.IsGenericMethod ? method.GetGenericArguments() : null)!;
            // 'constrained' names the type that a virtual ToString is called on, and is followed by that call.
            if (code == OpCodes.Constrained && method.Module.ResolveType(BitConverter.ToInt32(il, at), method.DeclaringType!.GetGenericArguments(), method.IsGenericMethod ? method.GetGenericArguments() : null) is { } on && Follows(on)
                && method.Module.ResolveMethod(BitConverter.ToInt32(il, at + 5), null, null) is { Name: nameof(ToString) } && on.GetMethod(nameof(ToString), Type.EmptyTypes) is { } plain) yield return plain;
            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(il, at),
                _ => 4,
            };
        }
    }

    private static class Samples
    {
        public static string Wrong(double x) => $"{x:0.#}";
        public static string Wrong(DateTimeOffset? at) => $"{at}";
        public static string Wrong(string text, decimal x) => text + x;
        public static string Right(double x) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{x:0.#}");
        public static string Right(int x) => $"{x}";
    }
}
